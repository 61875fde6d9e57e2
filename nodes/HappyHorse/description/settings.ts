// The node's own settings, those that the service knows nothing of: what each is unless set, and its least value.

/** What an option of the collection `options` means when it is not set; the switches among them are off. */
export const OPTION_DEFAULTS = {
	/** Binary field of the output item that takes the video. */
	binaryPropertyNameOutput: 'data',
	/** Seconds between two queries of one task, at least. */
	pollInterval: 2,
	/** Minutes to wait for a task. */
	timeout: 30,
	/** Tasks of one run that are under way at once, at most. */
	maxTasksInFlight: 10,
	/** Seconds of video that one execution may order, at most; 0 is no limit. */
	maxTotalSeconds: 0,
} as const;

/** The least value of an option that is a number. `timeout` has none: any fraction of a minute above 0 will do. */
export const OPTION_MINIMUMS = {
	pollInterval: 1,
	maxTasksInFlight: 1,
	maxTotalSeconds: 0,
} as const;

/** Binary field of the output item that takes the cover picture. */
export const COVER_FIELD = 'cover';

/** Binary field of the input item that a file is taken from unless another is named. */
export const INPUT_FIELD = 'data';

/** Hours that the link is good which hands a video of this n8n to the service. */
export const SIGNED_LINK_HOURS = 2;
