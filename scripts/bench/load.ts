// The work of one measured process, and its result: plain data, sent between processes.
import type { ServiceName } from '../../tools/simulator/simulator';

/** The node as it is, the node with one task in flight, or the loop that people build by hand. */
export type Way = 'node' | 'oneByOne' | 'byHand';

/** One piece of work, in a process of its own so that nothing done earlier counts. */
export interface Load {
	way: Way;
	/** Of all executions. */
	items: number;
	/** Tasks under way at once in an execution; by hand, items of one batch. */
	inFlight: number;
	/** Seconds from order to video at the service. */
	secondsPerTask: number;
	/** Many executions at one account in place of one: when each begins, in seconds, and its items. Nothing is downloaded. */
	executions?: Array<{ at: number; items: number }>;
	/** Default: iMini. */
	service?: ServiceName;
	/** Processes that do not know of each other, and take turns at the executions (default: 1). */
	processes?: number;
	/** The service has no list of tasks. */
	withoutList?: boolean;
	/** Bytes of each video, where it is not the simulator's own small one. */
	mediaBytes?: number;
	/** Image files of about 5 MB in each item's binary data. */
	images?: number;
}

/** A smaller load of the same kind: it shows that all works, and proves nothing. */
export function quickly(load: Load): Load {
	const { executions, mediaBytes } = load;
	const few = executions
		?.filter((_, n) => n % 4 === 0)
		.map(({ at, items }) => ({ at, items: part(items, 10) }));
	return {
		...load,
		executions: few,
		items: few ? few.reduce((sum, { items }) => sum + items, 0) : part(load.items, 10),
		inFlight: part(load.inFlight, 5),
		secondsPerTask: Math.min(load.secondsPerTask, 5),
		mediaBytes: mediaBytes && part(mediaBytes, 5),
	};
}

const part = (whole: number, of: number) => Math.ceil(whole / of);

/** What the service saw. Times in ms since 1970, by the one clock of the machine. */
export interface Seen {
	tasks: Array<{
		prompt: string;
		orderedAt: number;
		doneAt: number;
		/** When the first query came that was answered with the video. */
		noticedAt: number | undefined;
		queries: number;
	}>;
	submits: number[];
	queries: number[];
	/** Pages of the list of tasks. */
	lists: number;
	/** Queries and lists, and orders, answered with 429: see ACCOUNT_QUERIES_PER_SECOND. */
	refusedQueries: number;
	refusedOrders: number;
	downloads: Array<{ from: number; to: number }>;
}

/** What the gauges of a process show. */
export interface Gauges {
	/** Growth of its memory (resident set) in MB (2^20 bytes): the peak minus what it was before. */
	memory: number;
	/** Event-loop delay in ms, beyond the timer's own interval. */
	loop: { p99: number; most: number };
}

/** The result of a load. */
export interface Measured extends Gauges {
	load: Load;
	/** Wall clock, from the start of the first workflow to the end of the last. */
	seconds: number;
	/** Items that came out with a whole video. */
	delivered: number;
	seen: Seen;
	/** When the executions of this process began, ms since 1970. */
	begun: number[];
	/** When the queries left, ms since 1970. */
	sentQueries: number[];
	/** Errors of executions, and Node's own warnings, of which there should be none. */
	warnings: string[];
}

/** The most queries of one account in a second that the service takes; of orders as well, where many executions share it. */
export const ACCOUNT_QUERIES_PER_SECOND = 20;
export const CROWD_ORDERS_PER_SECOND = 5;

/** Seconds between two polls of one task, in all loads of the node. */
export const POLL_SECONDS = 2;

/** Seconds that the loop built by hand waits before it polls. */
export const HAND_WAIT_SECONDS = 10;

/** And how often it tries to order, that many seconds apart: the most that n8n's Retry On Fail offers. */
export const HAND_RETRY = { tries: 5, seconds: 5 };
