// What is measured: loads, and the rows that come of them.
/* eslint-disable @n8n/community-nodes/no-restricted-imports -- a benchmark: it runs in Node, never in n8n */
import { randomBytes } from 'node:crypto';
import { stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { emptySlots, median, most, mostAtOnce } from './figures';
import type { Load, Measured, Way } from './load';
import {
	deliveredRow,
	lagRows,
	limited,
	loopRow,
	memoryRow,
	nameOf,
	queryRows,
	rounded,
	timeRow,
	type Row,
	type Ways,
} from './rows';

/** One scenario, by its name on the command line. */
export interface Scenario {
	name: string;
	/** @param quick smaller loads: they show that it works, and prove nothing. `folder`: for files */
	loads(quick: boolean, folder: string): Load[] | Promise<Load[]>;
	rows(measured: readonly Measured[]): Row[];
}

const MB = 1024 * 1024;

/** The same load for the node, with few items one after the other, and by hand. */
function inThreeWays(load: Omit<Load, 'way'>, quick: boolean, byHand: Partial<Load> = {}): Load[] {
	return [
		{ ...load, way: 'node' },
		{ ...load, way: 'oneByOne', items: quick ? 1 : 4 },
		{ ...load, way: 'byHand', ...byHand },
	];
}

/** Those three. */
function waysOf([ours, oneByOne, byHand]: readonly Measured[]): Required<Ways> {
	return { ours, oneByOne, byHand };
}

const IMAGES = 9;

/** Pixels: a square of noise of this side makes a JPG of about 5 MB at quality 95. */
const SIDE = 2265;

/** Makes JPG files of about 5 MB. */
async function makeImages(folder: string): Promise<string[]> {
	const files = Array.from({ length: IMAGES }, (_, n) => join(folder, `image-${n}.jpg`));
	for (const file of files) {
		const raw = { width: SIDE, height: SIDE, channels: 3 } as const;
		const noise = sharp(randomBytes(SIDE * SIDE * 3), { raw });
		await writeFile(file, await noise.jpeg({ quality: 95 }).toBuffer());
	}
	const { size } = await stat(files[0]);
	if (size < 4.5 * MB || size > 5.5 * MB) throw new Error(`An image has ${rounded(size / MB)} MB`);
	return files;
}

const LONG_PROMPT = 5000;
const SHORT_PROMPT = 7;

export const SCENARIOS: Scenario[] = [
	{
		// N items with a slot for each: only the service takes time
		name: 'at-once',
		loads(quick) {
			const secondsPerTask = quick ? 4 : 20;
			const load = (way: Way, items: number): Load => ({
				way,
				items,
				inFlight: items,
				secondsPerTask,
			});
			const counts = quick ? [1, 20] : [1, 10, 20];
			return [
				...counts.map((items) => load('node', items)),
				load('oneByOne', 2),
				...counts.map((items) => load('byHand', items)),
			];
		},
		rows(measured) {
			const by = (way: Way) => measured.filter(({ load }) => load.way === way);
			const [[oneByOne], byHand] = [by('oneByOne'), by('byHand')];
			const all = by('node').map((ours, n): Ways => ({ ours, oneByOne, byHand: byHand[n] }));
			const largest = all[all.length - 1];
			return [
				...all.map((ways) => timeRow(ways, ways.ours.load.secondsPerTask + 2.5)),
				...lagRows(
					largest,
					by('node').filter((one) => one !== largest.ours),
				),
				...queryRows(largest),
			];
		},
	},
	{
		// More items than slots: one that becomes free is filled at once
		name: 'in-turn',
		loads: (quick) =>
			inThreeWays(
				{ items: quick ? 20 : 60, inFlight: quick ? 8 : 20, secondsPerTask: quick ? 3 : 5 },
				quick,
			),
		rows(measured) {
			const ways = waysOf(measured);
			const { items, inFlight, secondsPerTask } = ways.ours.load;
			const empty = emptySlots(ways.ours.seen, inFlight);
			return [
				timeRow(ways, Math.ceil(items / inFlight) * secondsPerTask + 6),
				limited('a place that got free stood empty: worst', most(empty), 0.5, 's', {
					figure: `${rounded(most(empty))} s (median ${rounded(median(empty))})`,
					byHand: `${rounded(most(emptySlots(ways.byHand.seen, inFlight)))} s`,
				}),
				...lagRows(ways),
				...queryRows(ways),
			];
		},
	},
	{
		// They all get done, and n8n stays responsive and small meanwhile
		name: 'thousand',
		loads: (quick) =>
			inThreeWays(
				{ items: quick ? 100 : 1000, inFlight: quick ? 40 : 200, secondsPerTask: 5 },
				quick,
				// One batch: the service takes 20 polls a second, so that the last are answered in the third round
				{ items: quick ? 20 : 60 },
			),
		rows(measured) {
			const ways = waysOf(measured);
			const name = nameOf(ways.ours);
			return [
				deliveredRow(`${name}: finishes`, ways),
				loopRow(name, ways, 50),
				memoryRow(name, ways, 150),
				...lagRows(ways),
				...queryRows(ways),
			];
		},
	},
	{
		// Large videos: streamed to disk a few at a time, and no order waits for a download
		name: 'downloads',
		loads: (quick) =>
			inThreeWays(
				{
					items: quick ? 8 : 20,
					inFlight: quick ? 4 : 10,
					secondsPerTask: 1,
					mediaBytes: (quick ? 20 : 100) * MB,
				},
				quick,
			),
		rows(measured) {
			const ways = waysOf(measured);
			const { load, seen } = ways.ours;
			const { items, inFlight, secondsPerTask, mediaBytes = 0 } = load;
			const name = `${items} files of ${mediaBytes / MB} MB`;
			const empty = emptySlots(seen, inFlight);
			return [
				deliveredRow(`${name}, ${inFlight} in flight, T = ${secondsPerTask} s: all out`, ways),
				memoryRow(name, ways, 120),
				loopRow(name, ways, 100),
				limited(`${name}: downloads at once`, mostAtOnce(seen.downloads), 3, '', {
					byHand: String(mostAtOnce(ways.byHand.seen.downloads)),
				}),
				limited(`${name}: a place stood empty beside downloads: worst`, most(empty), 0.5, 's', {
					figure: `${rounded(most(empty))} s (median ${rounded(median(empty))})`,
				}),
			];
		},
	},
	{
		// Orders with many large images: the node holds one body at a time, and drops it once accepted
		name: 'images',
		async loads(quick, folder) {
			const load = {
				items: quick ? 5 : 50,
				inFlight: quick ? 5 : 10,
				secondsPerTask: 5,
				imageFiles: await makeImages(folder),
			};
			return inThreeWays(load, quick, { items: quick ? 1 : 4, inFlight: 4 });
		},
		rows(measured) {
			const ways = waysOf(measured);
			const { items, inFlight, secondsPerTask } = ways.ours.load;
			const name = `${items} items with ${IMAGES} images of 5 MB`;
			return [
				deliveredRow(`${name}, ${inFlight} in flight, T = ${secondsPerTask} s: all out`, ways),
				memoryRow(name, ways, 200),
				loopRow(name, ways, 100),
			];
		},
	},
	{
		// What the world may send: links made to be slow, a long prompt, an answer that does not end
		name: 'hostile',
		loads(quick) {
			const load = { way: 'node', items: 10, inFlight: 10 } as const;
			const polling = { ...load, secondsPerTask: quick ? 6 : 40 };
			return [
				{ ...load, items: quick ? 10 : 40, secondsPerTask: 2, hostileLinks: true },
				{ ...polling, promptCharacters: SHORT_PROMPT },
				{ ...polling, promptCharacters: LONG_PROMPT },
				{ ...load, items: 1, secondsPerTask: 6, hugeAnswerBytes: 300 * MB },
			];
		},
		rows([links, shortPrompt, longPrompt, huge]) {
			/** CPU time of one query and all that comes with it, in ms. */
			const [short, long] = [shortPrompt, longPrompt].map(
				({ cpu, seen }) => cpu / seen.queries.length,
			);
			const items = `${links.load.items} items with hostile links`;
			const prompts = `CPU of a query with a prompt of ${LONG_PROMPT} characters to one of ${SHORT_PROMPT}`;
			return [
				limited(`${items}: longest stretch of the event loop`, links.loop.most, 50, 'ms'),
				limited(prompts, long / short, 1.2, '', {
					figure: `${rounded(long / short)} (${rounded(short)} and ${rounded(long)} ms)`,
				}),
				limited('an answer of 300 MB: memory growth', huge.memory.rss, 50, 'MB'),
			];
		},
	},
];
