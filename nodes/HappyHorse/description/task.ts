// Task Get and Task Wait: the field that both have.
import type { INodeProperties } from 'n8n-workflow';
import { TASK_HOURS } from '../videoTask';

/** The field that Get and Wait have in common. */
export const task: INodeProperties[] = [
	{
		displayName: 'Task ID',
		name: 'taskId',
		type: 'string',
		required: true,
		default: '',
		placeholder: 'e.g. task_2044275355061448704',
		hint: `Tasks can be looked up for about ${TASK_HOURS} hours, with the API key that ordered them`,
		description:
			'The ID that a video operation puts out as task_id, or that stands in its error message',
		displayOptions: { show: { resource: ['task'] } },
	},
];
