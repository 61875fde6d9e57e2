// What a run has cost, in one sentence.
import { summary } from '../../nodes/HappyHorse/output/summary';
import { jobOf, spending } from '../task/scriptedRun';

/** Seconds that were ordered, or may have been, an item each; and what else the sentence is made of. */
interface Run {
	ordered?: number[];
	/** Items. */
	unsure?: number[];
	resumed?: number[];
	dryRuns?: number[];
	left?: number;
	price?: number;
}

it.each<[Run, string | undefined]>([
	[{}, undefined],
	[{ left: 60 }, undefined],
	[{ ordered: [5] }, 'Ordered 1 video, 5 seconds of video'],
	[{ ordered: [5, 5] }, 'Ordered 2 videos, 10 seconds of video'],
	[
		{ ordered: [5, 5], price: 0.14, resumed: [7] },
		'Ordered 2 videos, 10 seconds of video (estimated cost: 1.4); 1 video taken over from an earlier try (0 seconds)',
	],
	[
		{ ordered: [5, 3], unsure: [1] },
		'Ordered 1 video, 5 seconds of video; 1 video, 3 seconds of video, may have been ordered',
	],
	[
		{ dryRuns: [5], left: 10 },
		'Dry Run of 1 video, 5 seconds of video: not ordered; 10 seconds left of the Spending Limit',
	],
	[
		{ ordered: [5], dryRuns: [5, 5] },
		'Ordered 1 video, 5 seconds of video; Dry Run of 2 videos, 10 seconds of video: not ordered',
	],
	[{ resumed: [0] }, '1 video taken over from an earlier try (0 seconds)'],
	[{ unsure: [3, 4] }, '2 videos skipped that may have been ordered before'],
	[
		{ ordered: [5, 5], unsure: [2], resumed: [3, 4, 5], left: 0 },
		'Ordered 2 videos, 10 seconds of video; 3 videos taken over from an earlier try (0 seconds); 1 video skipped that may have been ordered before; 0 seconds left of the Spending Limit',
	],
])('%j', ({ ordered = [], unsure = [], resumed = [], dryRuns = [], left, price = 0 }, sentence) => {
	const jobs = [0, 1, 2].map((item) => jobOf(item, { pricePerSecond: price }));
	const ledger = { budget: spending(ordered, left), resumed: new Set(resumed) };
	expect(summary(ledger, { unsure }, spending(dryRuns), jobs)).toBe(sentence);
});
