// The operations of a task: the IDs that most of them take, and what Get Many asks.
import type { INodeProperties } from 'n8n-workflow';
import { LIST_LIMIT } from '../domain/settings';
import { TASK_HOURS, TASK_STATUSES } from '../domain/task';
import { capitalized, field, shownWhen } from './fields';
import { forEachService } from './services';

/** What Get Many can be narrowed by. */
const options = [
	field('Model', 'model', '', {
		placeholder: 'e.g. happyhorse-1.1-t2v',
		description: 'The model that made the video; if not set, all HappyHorse models',
	}),
	field('Status', 'status', 'succeeded', {
		options: [...TASK_STATUSES].sort().map((value) => ({ name: capitalized(value), value })),
		description: 'How the task stands',
	}),
];

/** The fields of all operations: Task ID of Get, Wait and Cancel, and those of Get Many. */
export const task: INodeProperties[] = [
	...forEachService(
		({ exampleTaskId }) => exampleTaskId,
		(example, { name }) =>
			field('Task ID', 'taskId', '', {
				required: true,
				placeholder: `e.g. ${example}`,
				hint: `One ID, or several separated by commas. Tasks can be looked up for about ${TASK_HOURS} hours, with the API key that ordered them`,
				description:
					'The ID that a video operation outputs as task_id, or names in its error message; several (up to 100, separated by commas or line breaks, or as a list from an expression) come out as one item each',
				// Resource first: with an expression as service, n8n looks no further than there
				displayOptions: {
					show: { resource: ['task'], service: [name], operation: ['get', 'wait', 'cancel'] },
				},
			}),
	),
	...shownWhen({ resource: ['task'], operation: ['getMany'] }, [
		field('Return All', 'returnAll', false, {
			description: 'Whether to return all results or only up to a given limit',
		}),
		...shownWhen({ returnAll: [false] }, [
			field('Limit', 'limit', LIST_LIMIT, {
				typeOptions: { minValue: 1 },
				description: 'Max number of results to return',
			}),
		]),
		field('Filters', 'filters', {}, { type: 'collection', placeholder: 'Add Filter', options }),
	]),
];
