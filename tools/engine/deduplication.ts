// n8n's deduplication store in memory, which reads and writes like the real one (n8n 2.8, deduplication-helper.js).
/* eslint-disable @n8n/community-nodes/no-restricted-imports -- a test tool: it runs in Node, never in n8n */
import { createHash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import type {
	DeduplicationItemTypes,
	DeduplicationScope,
	ICheckProcessedContextData,
	ICheckProcessedOptions,
	IDataDeduplicator,
	IDeduplicationOutput,
} from 'n8n-workflow';

/** One row of n8n's table `processed_data`. */
export interface DeduplicationRow {
	workflowId: string;
	/** `n:<node id>` for the scope `node`, empty for the scope `workflow`. */
	context: string;
	mode: string;
	/** The MD5 of each value, in base64. */
	entries: string[];
}

/** The error of an n8n-core whose store was not set up. */
export const notInitialized = new Error(
	'Instance needs to initialized before use. Make sure to call init()',
);

function contextOf(scope: DeduplicationScope, { node }: ICheckProcessedContextData): string {
	if (scope !== 'node') return '';
	if (node === undefined) throw new Error("No node information has been provided for scope 'node'");
	return `n:${node.id}`;
}

function hash(value: DeduplicationItemTypes): string {
	return createHash('md5').update(value.toString()).digest('base64');
}

/**
 * The store. As in n8n, a change reads the row and then writes it, each a trip to the database, without a lock: of two
 * concurrent changes one is lost, of two concurrent inserts one fails. Knows the mode `entries` only.
 */
export class InMemoryDeduplication implements IDataDeduplicator {
	/** Rows as text, as n8n's database has them. */
	private table = new Map<string, string>();

	/** If set, every call throws it: as a database that is down, or {@link notInitialized}. */
	failWith?: Error;

	/** Copies of all rows. */
	get rows(): DeduplicationRow[] {
		return [...this.table.values()].map((row): DeduplicationRow => JSON.parse(row));
	}

	/** Deletes all rows, and resets {@link failWith}. */
	clear(): void {
		this.table.clear();
		this.failWith = undefined;
	}

	private async trip(): Promise<void> {
		await setImmediate();
		if (this.failWith) throw this.failWith;
	}

	private async read(
		scope: DeduplicationScope,
		where: ICheckProcessedContextData,
	): Promise<DeduplicationRow | undefined> {
		await this.trip();
		const row = this.table.get(`${where.workflow.id} ${contextOf(scope, where)}`);
		return row === undefined ? undefined : JSON.parse(row);
	}

	private async write(row: DeduplicationRow, isNew: boolean): Promise<void> {
		await this.trip();
		const key = `${row.workflowId} ${row.context}`;
		if (isNew && this.table.has(key)) {
			throw new Error(
				'SQLITE_CONSTRAINT: UNIQUE constraint failed: processed_data.workflowId, processed_data.context',
			);
		}
		if (isNew || this.table.has(key)) this.table.set(key, JSON.stringify(row));
	}

	async checkProcessedAndRecord(
		items: DeduplicationItemTypes[],
		scope: DeduplicationScope,
		where: ICheckProcessedContextData,
		options: ICheckProcessedOptions,
	): Promise<IDeduplicationOutput> {
		if (options.mode !== 'entries')
			throw new Error(`The mode "${options.mode}" is not supported here`);
		const most = options.maxEntries ?? Infinity;
		const found = await this.read(scope, where);
		const context = contextOf(scope, where);
		const fresh = { workflowId: where.workflow.id, context, mode: options.mode, entries: [] };
		const row: DeduplicationRow = found ?? fresh;
		const known = new Set(row.entries);
		const output: IDeduplicationOutput = { new: [], processed: [] };
		for (const item of items) (known.has(hash(item)) ? output.processed : output.new).push(item);
		for (const item of output.new) row.entries.push(hash(item));
		row.entries.splice(0, row.entries.length - most);
		await this.write(row, found === undefined);
		return output;
	}

	async removeProcessed(
		items: DeduplicationItemTypes[],
		scope: DeduplicationScope,
		where: ICheckProcessedContextData,
	): Promise<void> {
		const row = await this.read(scope, where);
		if (row === undefined) return;
		for (const entry of items.map(hash)) {
			const index = row.entries.indexOf(entry);
			if (index !== -1) row.entries.splice(index, 1);
		}
		await this.write(row, false);
	}

	async clearAllProcessedItems(
		scope: DeduplicationScope,
		where: ICheckProcessedContextData,
	): Promise<void> {
		await this.trip();
		this.table.delete(`${where.workflow.id} ${contextOf(scope, where)}`);
	}

	async getProcessedDataCount(
		scope: DeduplicationScope,
		where: ICheckProcessedContextData,
	): Promise<number> {
		return (await this.read(scope, where))?.entries.length ?? 0;
	}
}
