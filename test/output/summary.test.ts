// What a run has cost, in one sentence.
import type { RunCost } from '../../nodes/HappyHorse/output/summary';
import { summary } from '../../nodes/HappyHorse/output/summary';

const none = { videos: 0, seconds: 0 };
const NOTHING: RunCost = {
	ordered: none,
	unsure: none,
	resumed: 0,
	skipped: 0,
	dryRuns: none,
	left: Infinity,
};

it.each<[Partial<RunCost>, string | undefined]>([
	[{}, undefined],
	[{ left: 60 }, undefined],
	[{ ordered: { videos: 1, seconds: 5 } }, 'Ordered 1 video, 5 seconds of video'],
	[{ ordered: { videos: 2, seconds: 10 } }, 'Ordered 2 videos, 10 seconds of video'],
	[
		{ ordered: { videos: 2, seconds: 10, cost: 1.4 }, resumed: 1 },
		'Ordered 2 videos, 10 seconds of video (estimated cost: 1.4); 1 video taken over from an earlier try (0 seconds)',
	],
	[
		{ ordered: { videos: 1, seconds: 5 }, unsure: { videos: 1, seconds: 3 } },
		'Ordered 1 video, 5 seconds of video; 1 video, 3 seconds of video, may have been ordered',
	],
	[
		{ dryRuns: { videos: 1, seconds: 5 }, left: 10 },
		'Dry Run of 1 video, 5 seconds of video: not ordered; 10 seconds left of the Spending Limit',
	],
	[
		{ ordered: { videos: 1, seconds: 5 }, dryRuns: { videos: 2, seconds: 10 } },
		'Ordered 1 video, 5 seconds of video; Dry Run of 2 videos, 10 seconds of video: not ordered',
	],
	[{ resumed: 1 }, '1 video taken over from an earlier try (0 seconds)'],
	[{ skipped: 2 }, '2 videos left alone that may have been ordered before'],
	[
		{ ordered: { videos: 2, seconds: 10 }, resumed: 3, skipped: 1, left: 0 },
		'Ordered 2 videos, 10 seconds of video; 3 videos taken over from an earlier try (0 seconds); 1 video left alone that may have been ordered before; 0 seconds left of the Spending Limit',
	],
])('%j', (cost, sentence) => {
	expect(summary({ ...NOTHING, ...cost })).toBe(sentence);
});
