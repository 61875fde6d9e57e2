// An order that keeps to a service's contract: shapes only.
import type { Link,Mode } from './sourceChecks';

/** What a service takes beyond its documented contract. */
export interface OrderRules {
	/** More model IDs. */
	models: readonly string[];
	/** More names where extra parameters go. */
	extraParameters: readonly string[];
}

/** An order that keeps to the contract. */
export interface CheckedOrder<Body = object> {
	mode: Mode;
	/** As it was sent. */
	body: Body;
	model: string;
	prompt?: string;
	resolution: '720P' | '1080P';
	/** Width to height, e.g. `16:9`; absent where the video follows its source. */
	ratio?: string;
	/** Seconds, where the order says so. */
	seconds?: number;
	/** Its images and its video, to be looked at. */
	links: Link[];
}
