// A node's view of n8n's deduplication store.
import type { IExecuteFunctions } from 'n8n-workflow';
import type { InMemoryDeduplication } from '../../tools/engine/deduplication';

/** What of n8n a test may choose. */
export interface StoreOptions {
	/** Where the lines of n8n's log go. */
	warnings?: string[];
	/** Called before each access to the store. */
	beforeAccess?: () => void;
	/** Undefined in a workflow that was never saved. */
	workflowId?: string;
	/** The process that writes: those of different processes do not wait for each other. */
	process?: string;
}

/** The context of a node over `store`; undefined: an n8n that has no such store. */
export function contextOver(
	store: InMemoryDeduplication | undefined,
	{ warnings = [], beforeAccess = () => {}, process = 'main', ...more }: StoreOptions = {},
): IExecuteFunctions {
	const { workflowId } = { workflowId: 'w', ...more };
	const where = { workflow: { id: workflowId }, node: { id: 'n' } } as never;
	const helpers = store && {
		checkProcessedAndRecord: async (items: string[], scope: 'node', options: never) => {
			beforeAccess();
			return await store.checkProcessedAndRecord(items, scope, where, options);
		},
		getProcessedDataCount: async (scope: 'node') => await store.getProcessedDataCount(scope, where),
		removeProcessed: async (items: string[], scope: 'node') => {
			beforeAccess();
			await store.removeProcessed(items, scope, where);
		},
	};
	return {
		helpers: helpers ?? {},
		logger: { warn: (line: string) => void warnings.push(line) },
		getWorkflow: () => ({ id: workflowId }),
		// Writes are queued by node; the store knows it as one and the same
		getNode: () => ({ id: process }),
	} as unknown as IExecuteFunctions;
}

/** How many entries the store holds. */
export function count({ rows }: InMemoryDeduplication): number {
	return rows.flatMap(({ entries }) => entries).length;
}

/** A store of which n8n says that there is none: with the name of an assertion, or with its code. */
export function refusing(store: InMemoryDeduplication, words: object): InMemoryDeduplication {
	store.failWith = Object.assign(new Error('no store'), words);
	return store;
}
