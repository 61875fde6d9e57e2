// The operations of a task: the IDs that most of them take, and what Get Many asks.
import type { INodeProperties } from 'n8n-workflow';
import { TASK_HOURS, TASK_STATUSES } from '../domain/task';
import { choices } from './fields';
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
		displayOptions: {
			show: { resource: ['task'], service: [service], operation: ['get', 'wait', 'cancel'] },
		},
	};
}

const LISTED = { show: { resource: ['task'], operation: ['getMany'] } };

/** Labels of the statuses, by the output's words for them. */
const STATUS_NAMES = {
	canceled: { name: 'Canceled' },
	failed: { name: 'Failed' },
	processing: { name: 'Processing' },
	queued: { name: 'Queued' },
	succeeded: { name: 'Succeeded' },
};

/** The fields of all operations: Task ID of Get, Wait and Cancel, and those of Get Many. */
export const task: INodeProperties[] = [
	...forEachService(
		({ exampleTaskId }) => exampleTaskId,
		(example, { name }) => taskIdField(name, example),
	),
	{
		displayName: 'Return All',
		name: 'returnAll',
		type: 'boolean',
		default: false,
		description: 'Whether to return all results or only up to a given limit',
		displayOptions: LISTED,
	},
	{
		displayName: 'Limit',
		name: 'limit',
		type: 'number',
		typeOptions: { minValue: 1 },
		default: 50,
		description: 'Max number of results to return',
		displayOptions: { show: { ...LISTED.show, returnAll: [false] } },
	},
	{
		displayName: 'Filters',
		name: 'filters',
		type: 'collection',
		placeholder: 'Add Filter',
		default: {},
		options: [
			{
				displayName: 'Model',
				name: 'model',
				type: 'string',
				default: '',
				placeholder: 'e.g. happyhorse-1.1-t2v',
				description: 'The model that made the video; if not set, all HappyHorse models',
			},
			{
				displayName: 'Status',
				name: 'status',
				type: 'options',
				options: choices(TASK_STATUSES, STATUS_NAMES),
				default: 'succeeded',
				description: 'How the task stands',
			},
		],
		displayOptions: LISTED,
	},
];
