// The work of one measured process, and its result: plain data, sent between processes.

/** The node as it is, the node with one task in flight, or the loop that people build by hand. */
export type Way = 'node' | 'oneByOne' | 'byHand';

/** Executions that share one account. */
export interface Crowd {
	service: 'imini' | 'modelStudio';
	/** When each begins, in seconds, and how many items it has; they take turns among the processes. */
	executions: Array<{ at: number; items: number }>;
	/** Processes that do not know of each other. */
	processes: number;
	/** Whether the service has a list of tasks. */
	hasList: boolean;
}

/** One piece of work, in a process of its own so that nothing done earlier counts. */
export interface Load {
	way: Way;
	items: number;
	/** Tasks under way at once; by hand, items of one batch. */
	inFlight: number;
	/** Seconds from order to video at the service. */
	secondsPerTask: number;
	/** Bytes of each video, where it is not the simulator's own small one. */
	mediaBytes?: number;
	/** Paths of image files to put into each item's binary data. */
	imageFiles?: string[];
	/** Links to images that were made to hold the event loop up: see `hostileLinks.ts`. None is ordered. */
	hostileLinks?: boolean;
	/** Characters of the prompt, where it is not a short one. */
	promptCharacters?: number;
	/** Bytes of the answer to one query, where one is not what it should be. */
	hugeAnswerBytes?: number;
	/** Many executions in place of one; `items` are those of all. */
	crowd?: Crowd;
}

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
	/** Queries, and lists, answered with 429: see ACCOUNT_QUERIES_PER_SECOND. */
	refusedQueries: number;
	/** Orders answered with 429. */
	refusedOrders: number;
	downloads: Array<{ from: number; to: number }>;
}

/** Growth of a process's memory in MB (2^20 bytes): its peak minus what it was before. */
export interface MemoryGrowth {
	rss: number;
	heap: number;
	external: number;
}

/** The result of a load. */
export interface Measured {
	load: Load;
	/** Wall clock, from the start of the workflow to its end. */
	seconds: number;
	/** Items that came out with a whole video. */
	delivered: number;
	memory: MemoryGrowth;
	/** CPU time in ms. */
	cpu: number;
	/** Event-loop delay in ms, beyond the timer's own interval. */
	loop: { p50: number; p99: number; most: number };
	seen: Seen;
	/** When the executions of a crowd began, ms since 1970. */
	begun: number[];
	/** When the queries left, ms since 1970. */
	sentQueries: number[];
	/** Node's own warnings, of which there should be none. */
	warnings: string[];
}

/** The most queries of one account in a second that the service takes; of a crowd's orders as well. */
export const ACCOUNT_QUERIES_PER_SECOND = 20;
export const CROWD_ORDERS_PER_SECOND = 5;

/** Seconds between two polls of one task, in all loads of the node. */
export const POLL_SECONDS = 2;

/** Seconds that the loop built by hand waits before it polls. */
export const HAND_WAIT_SECONDS = 10;
