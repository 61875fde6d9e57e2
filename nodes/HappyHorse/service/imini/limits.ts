// What iMini takes, each limit once. Free of imports that cost, because the form in the editor needs it too.
import type { Limits } from '../../domain/limits';
import { MODEL_LIMITS } from '../../domain/limits';
import type { PaceLimits } from '../service';

/** The model that is ordered from unless the user names another ID. */
export const IMINI_MODEL = 'dashscope/happyhorse-1.0';

/** From the iMini platform's reference of "HappyHorse 1.0". */
export const IMINI_LIMITS = {
	...MODEL_LIMITS,
	firstFrameBytes: MODEL_LIMITS.imageBytes,
	/** What an edit costs is not stated. */
	billsEditSource: false,
	namesImagesInBrackets: false,
	sourceVideo: { ...MODEL_LIMITS.sourceVideo, longSideMaxPixels: 2160 },
	modelId: IMINI_MODEL,
	modelVersions: [],
	resolutions: { '': ['720P', '1080P'] },
	aspectRatios: { '': ['16:9', '9:16', '1:1', '4:3', '3:4'] },
	seed: undefined,
	hasWatermark: false,
	exampleTaskId: 'task_2044275355061448704',
} as const satisfies Limits;

/** The platform states no limit but "wait 5 seconds": found out from a careful beginning on. */
export const IMINI_PACE = {
	orders: { first: 2.5, most: 12, least: 0.2, pauseMs: 5000, longestPauseMs: 20_000 },
	queries: { first: 10, most: 50, least: 0.2, pauseMs: 5000, longestPauseMs: 20_000 },
} as const satisfies Record<string, PaceLimits>;
