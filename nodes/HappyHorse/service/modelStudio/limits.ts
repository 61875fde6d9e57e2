// What Model Studio takes, each limit once. Free of imports that cost, because the form in the editor needs it too.
import type { Limits } from '../../domain/limits';
import { MODEL_LIMITS } from '../../domain/limits';
import type { PaceLimits } from '../service';

/** Aspect ratios of model version 1.0. */
const FIRST_RATIOS = ['16:9', '9:16', '1:1', '4:3', '3:4'] as const;

/** From Model Studio's references of the four HappyHorse models. */
export const MODEL_STUDIO_LIMITS = {
	...MODEL_LIMITS,
	firstFrameBytes: 20 * 1024 ** 2,
	billsEditSource: true,
	namesImagesInBrackets: true,
	modelId: undefined,
	modelVersions: ['1.1', '1.0'],
	resolutions: {
		'1.1': ['480P', '720P', '1080P'],
		'1.0': ['720P', '1080P'],
		// Of an edit, which has no version
		'': ['720P', '1080P'],
	},
	aspectRatios: { '1.1': [...FIRST_RATIOS, '4:5', '5:4', '9:21', '21:9'], '1.0': FIRST_RATIOS },
	seed: { min: 0, max: 2_147_483_647 },
	hasWatermark: true,
	exampleTaskId: '0385dc79-5ff8-4d82-bcb6-7a3f5e9c1d20',
} as const satisfies Limits;

/** Nine tenths of what the reference allows an account, 5 orders and 20 queries a second, and half of that at first. */
export const MODEL_STUDIO_PACE = {
	orders: { first: 2.25, most: 4.5, least: 0.2, pauseMs: 1000, longestPauseMs: 8000 },
	queries: { first: 9, most: 18, least: 0.5, pauseMs: 1000, longestPauseMs: 8000 },
} as const satisfies Record<string, PaceLimits>;
