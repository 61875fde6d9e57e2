// The operations of a task: the field that all have.
import type { INodeProperties } from 'n8n-workflow';
import { TASK_HOURS } from '../domain/task';
import { forEachService } from './services';

/** Task ID, as it looks at one service. */
function taskIdField(service: string, example: string): INodeProperties {
	return {
		displayName: 'Task ID',
		name: 'taskId',
		type: 'string',
		required: true,
		default: '',
		placeholder: `e.g. ${example}`,
		hint: `One ID, or several separated by commas. Tasks can be looked up for about ${TASK_HOURS} hours, with the API key that ordered them`,
		description:
			'The ID that a video operation puts out as task_id, or that stands in its error message; several (up to 100, separated by commas or line breaks, or as a list from an expression) come out as one item each',
		// Resource first: with an expression as service, n8n looks no further than there
		displayOptions: { show: { resource: ['task'], service: [service] } },
	};
}

/** The field that Get, Wait and Cancel have in common. */
export const task: INodeProperties[] = forEachService(
	({ exampleTaskId }) => exampleTaskId,
	(example, { name }) => taskIdField(name, example),
);
