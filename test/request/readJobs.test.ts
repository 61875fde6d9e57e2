// Megabytes in many items: others have their turn while they are read.
/* eslint-disable @n8n/community-nodes/no-restricted-globals -- a test of the event loop needs a turn of it */
import type { IExecuteFunctions } from 'n8n-workflow';
import { readJobs } from '../../nodes/HappyHorse/request/readJobs';
import { SERVICES } from '../../nodes/HappyHorse/service';
import { dataUrl, imageFile, padded } from '../../tools/images';
import { leastOf } from '../../tools/leastOf';

const ITEMS = 20;
const BYTES = 5 * 1024 * 1024;
/** Ms of the CPU. The node aims at 15; the rest is room for a slow machine. What holds it takes seconds. */
const LONGEST_STRETCH_MS = 150;

/** Ms of the CPU that this process has had: it stands still while others have it. */
function cpuMs(): number {
	const { user, system } = process.cpuUsage();
	return (user + system) / 1000;
}

/** Runs `work`, and expects others to have their turn all the time. */
async function expectToGiveWay(work: () => Promise<unknown>): Promise<void> {
	const stretch = await leastOf(LONGEST_STRETCH_MS, async () => {
		let [longest, last, going] = [0, cpuMs(), true];
		const turn = () => {
			const now = cpuMs();
			longest = Math.max(longest, now - last);
			last = now;
			if (going) setImmediate(turn);
		};
		turn();
		await work();
		turn();
		going = false;
		return longest;
	});
	expect(stretch).toBeLessThan(LONGEST_STRETCH_MS);
}

function contextOf(
	values: Record<string, unknown>,
	binary?: object,
	items = ITEMS,
): IExecuteFunctions {
	return {
		getNodeParameter: (name: string, _item: number, fallback: unknown) =>
			name in values ? values[name] : fallback,
		getInputData: () => Array.from({ length: items }, () => ({ json: {} })),
		helpers: { assertBinaryData: () => binary },
		logger: { warn: () => undefined },
	} as unknown as IExecuteFunctions;
}

const reading = {
	offer: SERVICES[0].offer,
	inTool: false,
	paid: [],
	reach: async () => 'internet' as const,
};

const video = { resource: 'video', operation: 'imageToVideo', prompt: 'A horse', duration: 5 };

async function read(context: IExecuteFunctions) {
	return await readJobs(context, reading, new AbortController().signal);
}

let image: Buffer;
beforeAll(async () => {
	image = padded(await imageFile('jpeg', 400, 400), BYTES);
});

/** base64 as mail programs write it: in lines. */
const inLines = (url: string) => url.replace(/.{76}/g, '$&\r\n');

describe(`${ITEMS} items with an image of 5 MB`, () => {
	it.each([
		['as base64 in json', () => ({ ...video, imageUrl: dataUrl(image) }), undefined],
		['as base64 in lines', () => ({ ...video, imageUrl: inLines(dataUrl(image)) }), undefined],
		[
			'in memory',
			() => ({ ...video, imageSource: 'binary' }),
			() => ({ mimeType: 'image/jpeg', data: image.toString('base64') }),
		],
	])('are read in small stretches: %s', async (_what, values, binary) => {
		const context = contextOf(values(), binary?.());
		let outcomes: Awaited<ReturnType<typeof read>> = [];
		await expectToGiveWay(async () => {
			outcomes = await read(context);
		});
		expect(outcomes.map(({ result }) => result.ok)).toEqual(
			Array.from({ length: ITEMS }, () => true),
		);
	});
});

it('many small items give way as well', async () => {
	const context = contextOf({ ...video, imageUrl: 'https://a.example/1.png' }, {}, 8000);
	await expectToGiveWay(async () => await read(context));
});
