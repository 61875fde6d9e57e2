// The operations of a task: the IDs that most of them take, and what Get Many asks.
import type { INodeProperties } from 'n8n-workflow';
import { TASK_HOURS, TASK_STATUSES } from '../domain/task';
import { option, shownWhen } from './fields';
import { forEachService } from './services';

const capitalized = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);

const statuses = [...TASK_STATUSES].sort().map((value) => ({ name: capitalized(value), value }));

/** The fields of all operations: Task ID of Get, Wait and Cancel, and those of Get Many. */
export const task: INodeProperties[] = [
	...forEachService(
		({ exampleTaskId }) => exampleTaskId,
		(example, { name }): INodeProperties => ({
			...option('Task ID', 'taskId', '', {
				placeholder: `e.g. ${example}`,
				hint: `One ID, or several separated by commas. Tasks can be looked up for about ${TASK_HOURS} hours, with the API key that ordered them`,
				description:
					'The ID that a video operation outputs as task_id, or names in its error message; several (up to 100, separated by commas or line breaks, or as a list from an expression) come out as one item each',
			}),
			required: true,
			// Resource first: with an expression as service, n8n looks no further than there
			displayOptions: {
				show: { resource: ['task'], service: [name], operation: ['get', 'wait', 'cancel'] },
			},
		}),
	),
	...shownWhen({ resource: ['task'], operation: ['getMany'] }, [
		option('Return All', 'returnAll', false, {
			description: 'Whether to return all results or only up to a given limit',
		}),
		{
			displayName: 'Limit',
			name: 'limit',
			type: 'number',
			typeOptions: { minValue: 1 },
			default: 50,
			description: 'Max number of results to return',
			displayOptions: { show: { returnAll: [false] } },
		},
		{
			displayName: 'Filters',
			name: 'filters',
			type: 'collection',
			placeholder: 'Add Filter',
			default: {},
			options: [
				option('Model', 'model', '', {
					placeholder: 'e.g. happyhorse-1.1-t2v',
					description: 'The model that made the video; if not set, all HappyHorse models',
				}),
				{
					displayName: 'Status',
					name: 'status',
					type: 'options',
					options: statuses,
					default: 'succeeded',
					description: 'How the task stands',
				},
			],
		},
	]),
];
