// A request that reached the simulator, the rules by which it meets a fault, and the record of all of them.
/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals -- a test tool: it runs in Node, never in n8n */
import type { IncomingHttpHeaders } from 'node:http';
import type { EnvelopeError } from './answers';

/**
 * The kind of a request. `media`, `upload`: on the media host's port, to which files are uploaded as well. `other`: on the
 * API's port, and none of the service.
 */
export type RequestKind =
	| 'submit'
	| 'query'
	| 'list'
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
	/** Of an upload: the fields of its form but the file, by name, unchecked. */
	form?: Record<string, string>;
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

/** What goes wrong with a request. */
export type Fault = FaultKind & {
	/**
	 * Of a submit, a cancel or an upload: whether it is taken (an order will be charged) before the fault strikes. Default false. A body
	 * that the contract refuses gets its 400 instead of the fault. Means nothing for other requests, for a reset
	 * `before-read` (never taken) and for the usual answer in another form (always taken): other `headers`, `gzip`,
	 * `reshaped`, a `body` made of it, a `drip` that ends, and one that hangs `after-body`.
	 */
	accepted?: boolean;
	/** How late the fault strikes, once the request was read. Default 0. */
	afterMs?: number;
};

/** The kinds of faults. Milliseconds are the clock's. */
export type FaultKind =
	| StatusFault
	| {
			/**
			 * An answer with any body: broken JSON, JSON without `task_id`, a page, bytes that are no text. A function makes it
			 * of the usual answer's text, with its status unless another is given.
			 */
			kind: 'body';
			text: string | Buffer | ((usual: string) => string | Buffer);
			/** Default 200. */
			status?: number;
			/** Default `application/json`. */
			contentType?: string;
			headers?: FaultHeaders;
	  }
	| {
			/** The connection is reset: before the request's body is read, after that, or halfway through the answer. */
			kind: 'reset';
			when: 'before-read' | 'after-read' | 'mid-body';
	  }
	| {
			/**
			 * Nothing more comes, but the connection stays: from the start (default), halfway through the answer, or behind the
			 * whole of it, which is not ended.
			 */
			kind: 'hang';
			when?: 'before-answer' | 'mid-body' | 'after-body';
	  }
	| {
			/**
			 * The usual answer, `ms` late. A submit that is not `accepted` is taken when that time is over, if its client is
			 * still there.
			 */
			kind: 'slow';
			ms: number;
	  }
	| {
			/** The usual answer with other headers; null removes one (without `content-length` it is chunked). */
			kind: 'headers';
			headers: Record<string, string | null>;
	  }
	| {
			/** The usual answer, cut short. */
			kind: 'truncate';
			/** Bytes that are sent. Default: half. */
			bytes?: number;
	  }
	| {
			/** An answer whose JSON is one long text, made while it is sent. */
			kind: 'huge';
			/** Bytes of its body. */
			bytes: number;
			/** Default 200. */
			status?: number;
	  }
	| {
			/** 200, and then a blank every so many ms of real time: without end, or so many, and then the usual answer. */
			kind: 'drip';
			ms: number;
			blanks?: number;
	  }
	| {
			/** The usual answer, packed, with the length that it has then. */
			kind: 'gzip';
	  }
	| {
			/** The usual answer in another shape; one that is not in JSON, or no good one, goes out as it is. */
			kind: 'reshaped';
			as: (answer: Record<string, unknown>) => unknown;
	  };

/** An answer with another status. */
export interface StatusFault {
	kind: 'status';
	status: number;
	headers?: FaultHeaders;
	/** Default: the service's error for >= 400 on the API's port, a page for >= 400 on the media host, nothing below 400. */
	body?: StatusBody;
	/** Whether the connection is reset after the first half of the body. Default false. */
	broken?: boolean;
}

/** The service's error with these fields overridden, or a gateway's HTML page. */
export type StatusBody = Partial<EnvelopeError> | 'html';

/** Headers of a fault. A function gets the clock (ms since 1970), for a date in `Retry-After`. */
export type FaultHeaders = Record<string, string | ((now: number) => string)>;

/** What all rules have. */
export interface Rule<Subject> {
	/** What it applies to. Default: everything. */
	match?: (subject: Subject) => boolean;
	/** How often it applies. Default 1; may be `Infinity`. */
	times?: number;
}

/** A list of rules, which may be added to at any time; the first that applies wins. It knows how often each has been applied. */
export class Script<Subject, R extends Rule<Subject>> extends Array<R> {
	private readonly used = new WeakMap<R, number>();

	/**
	 * The result of the first rule that applies and has one, which counts as applied once more.
	 * @param eligible which rules to consider
	 * @param resultOf the result of a rule; undefined leaves the subject to the next one
	 */
	next<T>(
		subject: Subject,
		eligible: (rule: R) => boolean,
		resultOf: (rule: R) => T | undefined,
	): T | undefined {
		for (const rule of this) {
			const used = this.used.get(rule) ?? 0;
			if (used >= (rule.times ?? 1) || !eligible(rule)) continue;
			if (rule.match && !rule.match(subject)) continue;
			const result = resultOf(rule);
			if (result === undefined) continue;
			this.used.set(rule, used + 1);
			return result;
		}
		return undefined;
	}
}

/**
 * Which requests get a fault. `match` sees the request with its body, except for a reset `before-read`: these rules are
 * checked first, when there is no body yet.
 */
export interface FaultRule extends Rule<RecordedRequest> {
	on: Exclude<RequestKind, 'other'>;
	/** The fault, or a choice for each request; undefined leaves that one to the next rule. */
	fault: Fault | ((request: RecordedRequest) => Fault | undefined);
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
	 * @param ms real time, after which it rejects with a list of the requests so far; default 30,000
	 */
	async waitFor(
		condition: (requests: readonly RecordedRequest[]) => boolean,
		ms = 30_000,
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
