// The record of every request that reached the simulator, in order, and waiting for one.
/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals -- a test tool: it runs in Node, never in n8n */
import type { IncomingHttpHeaders } from 'node:http';
import type { Fault } from './faults';

/** What a request asks for. `other` is anything on the API's port that is neither a submit nor a query. */
export type RequestKind = 'submit' | 'query' | 'media' | 'other';

/** One request, as it came and as it went. Its fields fill up while it is under way. */
export interface RecordedRequest {
	kind: RequestKind;
	/** Upper case. */
	method: string;
	/** With the query string. */
	path: string;
	/** By lower-case name. */
	headers: IncomingHttpHeaders;
	/** The JSON object of the body as it came, unchecked; absent without one, and until the body is read. */
	body?: Record<string, unknown>;
	/** When the request arrived: clock, ms since 1970. */
	at: number;
	/** The answered status, set when the head of the answer leaves. */
	status?: number;
	/** The task that a submit created (told to the client or not), that a query names, or that a file belongs to. */
	taskId?: string;
	/** What was done to the answer on purpose. */
	fault?: Fault;
	/** True until the answer was sent in full or the connection is gone. */
	open: boolean;
	/** True if the client went away before it had the whole answer. */
	aborted: boolean;
}

/** All requests since the start or the last reset. */
export class Recording {
	/** In order of arrival. */
	readonly requests: RecordedRequest[] = [];

	private readonly watchers = new Set<() => void>();

	/** Notes that something about a request is new. */
	changed(): void {
		for (const look of [...this.watchers]) look();
	}

	/**
	 * Resolves as soon as `condition` holds; it is looked at now and at every step of every request.
	 * @param ms real time, not the clock's: after it the promise rejects with what had come until then
	 */
	async waitFor(
		condition: (requests: readonly RecordedRequest[]) => boolean,
		ms: number,
	): Promise<void> {
		await new Promise<void>((resolve, reject) => {
			const settle = (error?: unknown) => {
				clearTimeout(timer);
				this.watchers.delete(look);
				if (error === undefined) resolve();
				else reject(error);
			};
			const look = () => {
				try {
					if (condition(this.requests)) settle();
				} catch (error) {
					settle(error);
				}
			};
			const timer = setTimeout(() => settle(new Error(this.missed(ms))), ms);
			this.watchers.add(look);
			look();
		});
	}

	private missed(ms: number): string {
		const seen = this.requests.map(
			({ kind, method, path, status, open }) =>
				`${kind}: ${method} ${path} ${status ?? (open ? 'open' : 'unanswered')}`,
		);
		return `Waited ${ms} ms in vain. Requests until then:\n${seen.join('\n') || 'none'}`;
	}
}
