// Records every request that reaches the simulator, and waits for what a test expects of them.
/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals -- a test tool: it runs in Node, never in n8n */
import type { IncomingHttpHeaders } from 'node:http';
import type { Fault } from './faults';

/**
 * The kind of a request. `media`, `upload`: on the media host's port, to which files are uploaded as well. `other`: on the
 * API's port, and none of the service.
 */
export type RequestKind =
	| 'submit'
	| 'query'
	| 'cancel'
	| 'policy'
	| 'models'
	| 'upload'
	| 'media'
	| 'other';

/** A request and what became of it. Changes while it is under way. */
export interface RecordedRequest {
	kind: RequestKind;
	/** Upper case. */
	method: string;
	/** With the query string. */
	path: string;
	/** By lower-case name. */
	headers: IncomingHttpHeaders;
	/** The JSON object in its body, unchecked; undefined until it is read, and if there is none. */
	body?: Record<string, unknown>;
	/** Of a submit: the prompt in its body, unchecked. */
	prompt?: string;
	/** When it arrived, in ms since 1970 by the simulator's clock. */
	at: number;
	/** The status of the answer, from when its head is sent. */
	status?: number;
	/** The task that a submit created (even if the client never hears of it), a query or a cancel names, or a file belongs to. */
	taskId?: string;
	/** The fault that was injected. */
	fault?: Fault;
	/** True until the answer is complete or the connection is gone. */
	open: boolean;
	/** When that was, in ms since 1970 by the simulator's clock. */
	endedAt?: number;
	/** True if the client went away before it had the whole answer. */
	aborted: boolean;
}

/** All requests since the start or the last reset. */
export class Recording {
	/** In order of arrival. */
	readonly requests: RecordedRequest[] = [];

	private readonly watchers = new Set<() => void>();

	/** To be called after each change of a request. */
	changed(): void {
		for (const look of [...this.watchers]) look();
	}

	/**
	 * Resolves as soon as `condition` holds; it is checked now and after each change of any request.
	 * @param ms real time, after which it rejects with a list of the requests so far
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
