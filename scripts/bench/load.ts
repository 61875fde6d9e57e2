// What one measured process is given to do, and what it hands back: plain data, sent between processes.

/** Who does the work: the node as it is, the node with one task in flight, or the loop that people build by hand. */
export type Way = 'node' | 'oneByOne' | 'byHand';

/** One piece of work, done in a process of its own so that nothing before it counts. */
export interface Load {
	way: Way;
	items: number;
	/** Tasks under way at once; by hand, items of one batch. */
	inFlight: number;
	/** Seconds from order to video at the service. */
	secondsPerTask: number;
	/** Bytes of each video, where it is not the simulator's own small one. */
	mediaBytes?: number;
	/** Image files that each item has in its binary data. */
	imageFiles?: string[];
}

/** What the service saw. Times in ms since 1970, by the one clock of the machine. */
export interface Seen {
	tasks: Array<{
		orderedAt: number;
		doneAt: number;
		/** When the first query came that was answered with the video. */
		noticedAt: number | undefined;
		queries: number;
	}>;
	submits: number[];
	queries: number[];
	/** Queries answered with 429: the service takes 20 a second, as the account upstream. */
	refusedQueries: number;
	downloads: Array<{ from: number; to: number }>;
}

/** Growth of a process's memory in MB (2^20 bytes): the most that was seen, minus what it was before. */
export interface MemoryGrowth {
	rss: number;
	heap: number;
	external: number;
}

/** What came of a load. */
export interface Measured {
	load: Load;
	/** Wall clock, from the start of the workflow to its end. */
	seconds: number;
	/** Items that came out with a whole video. */
	delivered: number;
	memory: MemoryGrowth;
	/** Event-loop delay in ms, beyond the timer's own interval. */
	loop: { p50: number; p99: number; most: number };
	seen: Seen;
	/** When the queries left, ms since 1970. */
	sentQueries: number[];
	/** Lines of Node's own warnings, of which there should be none. */
	warnings: string[];
}

/** The most queries of one account in a second that the service takes. */
export const ACCOUNT_QUERIES_PER_SECOND = 20;

/** Seconds between two queries of one task, in all loads of the node. */
export const POLL_SECONDS = 2;

/** Seconds that the loop built by hand waits before it asks. */
export const HAND_WAIT_SECONDS = 10;
