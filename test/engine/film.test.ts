// Film → Join Videos: the files of all items become one film, in the engine and with the files of n8n.
/* eslint-disable @n8n/community-nodes/no-restricted-imports -- a test tool: it runs in Node, never in n8n */
import { promises } from 'node:fs';
import type { IBinaryData, IDataObject, INodeParameters } from 'n8n-workflow';
import { readFilm } from '../../nodes/HappyHorse/mp4/facts';
import type { ItemSpec, NodeRequest } from '../../tools/engine/engine';
import { film } from '../mp4/films';
import { useWorld } from './world';

const world = useWorld();

const parameters = { resource: 'film', operation: 'join' };

/** No credential that fits: one that is read makes the run fail. */
const credentials = { happyHorse: { type: 'anotherApi', data: {} } };

const fileOf = (name: string, content = film(name)) => ({
	content,
	fileName: name,
	mimeType: 'video/mp4',
});

const clip = (name: string, json: IDataObject = {}): ItemSpec => ({
	json,
	binary: { data: fileOf(name) },
});

const clips = (...names: string[]): ItemSpec[] => names.map((name) => clip(name));

const NO_FILE: ItemSpec = { json: { error: { message: 'The task failed' } } };

const join = async (items: ItemSpec[], more: NodeRequest = {}) => {
	const all = { ...parameters, ...more.parameters };
	return await world.engine.runNode({ credentials, items, ...more, parameters: all });
};

async function factsOf(file: IBinaryData | undefined) {
	if (file === undefined) throw new Error('no file');
	const read = await readFilm([await world.engine.readBinary(file)], { yield: async () => {} });
	if (read.kind !== 'film') throw new Error(JSON.stringify(read));
	return read.facts;
}

it('makes one film of all items, in their order, without a credential or a request', async () => {
	const { status, items } = await join(clips('plain.mp4', 'silent.mp4', 'index-last.mp4'));
	expect(status).toBe('success');
	expect(items).toHaveLength(1);
	const [{ json, binary = {}, pairedItem }] = items;
	expect(json).toStrictEqual({
		duration: 6,
		width: 96,
		height: 64,
		clips: [
			{ item: 0, start: 0, duration: 2, file_name: 'plain.mp4' },
			{ item: 1, start: 2, duration: 2, file_name: 'silent.mp4' },
			{ item: 2, start: 4, duration: 2, file_name: 'index-last.mp4' },
		],
	});
	expect(pairedItem).toEqual([{ item: 0 }, { item: 1 }, { item: 2 }]);
	expect(Object.keys(binary)).toEqual(['data']);
	expect(binary.data).toMatchObject({
		fileName: 'film.mp4',
		mimeType: 'video/mp4',
		fileType: 'video',
	});
	const bytes = await world.engine.readBinary(binary.data);
	expect(bytes.indexOf('moov')).toBeLessThan(bytes.indexOf('mdat'));
	expect(await factsOf(binary.data)).toMatchObject({ width: 96, height: 64, sound: 'mp4a' });
	expect(world.simulator.requests).toEqual([]);
});

it('takes several files of an item in the order of their names, and a name of its own for each item', async () => {
	const two = { first: fileOf('plain.mp4'), second: fileOf('index-last.mp4') };
	const items: ItemSpec[] = [
		{ json: { fields: 'second, first' }, binary: two },
		{ json: { fields: ['first'] }, binary: two },
	];
	const { items: out } = await join(items, {
		parameters: { binaryPropertyName: '={{ $json.fields }}' },
	});
	const order = (out[0].json.clips as IDataObject[]).map(({ item, file_name }) => [
		item,
		file_name,
	]);
	expect(order).toEqual([
		[0, 'index-last.mp4'],
		[0, 'plain.mp4'],
		[1, 'plain.mp4'],
	]);
});

it('takes the files of another node by an expression', async () => {
	const { items } = await join(clips('plain.mp4', 'index-last.mp4'), {
		parameters: { binaryPropertyName: "={{ $('Items').item.binary.data }}" },
	});
	expect(items[0].json).toMatchObject({ duration: 4 });
});

it.each([
	['a/b.mov', 'a_b.mp4'],
	['={{ undefined }}', 'film.mp4'],
])('is called %j: %s, in the field that is asked for', async (fileName, expected) => {
	const { items } = await join(clips('plain.mp4'), {
		parameters: { options: { fileName, binaryPropertyNameOutput: 'movie' } },
	});
	expect(items[0].binary).toEqual({
		movie: expect.objectContaining({ fileName: expected, mimeType: 'video/mp4' }),
	});
});

it.each([
	['was ordered', false, 'mp4a'],
	['a dry run has put out', true, undefined],
])('joins what %s, in its shape and length', async (_what, dryRun, expectedSound) => {
	const ordered = await world.engine.runNode({
		parameters: {
			prompt: 'A horse',
			aspectRatio: '9:16',
			duration: '={{ $json.seconds }}',
			options: { dryRun },
		},
		items: [3, 15, 7].map((seconds) => ({ json: { seconds } })),
	});
	const { items } = await join(ordered.items);
	expect(items[0].json).toMatchObject({ duration: 25, clips: [{}, { start: 3 }, { start: 18 }] });
	const { width, height, sound } = await factsOf(items[0].binary?.data);
	expect([width / height, sound]).toEqual([9 / 16, expectedSound]);
});

describe('an item without a file', () => {
	const items = [clip('plain.mp4'), NO_FILE, clip('index-last.mp4'), { json: {} }];

	it('ends the run where n8n stops, and every one is named', async () => {
		const { error } = await join(items);
		expect(error?.message).toBe(
			'Item 1 (the 2nd): The input item has no file in the field "data" (Input Binary Field)',
		);
		expect(error?.description).toContain('Item 3 (the 4th): The input item has no file');
		expect(error?.description).not.toContain('ordered');
	});

	it('is told of in the film where n8n goes on', async () => {
		const onError = 'continueErrorOutput';
		const { items: out, errorItems, hints, logs } = await join(items, { onError });
		expect([out.length, errorItems]).toEqual([1, []]);
		const reason = 'The input item has no file in the field "data" (Input Binary Field)';
		expect(out[0].json).toMatchObject({
			duration: 4,
			clips: [{ item: 0 }, { item: 2 }],
			missing: [1, 3].map((item) => ({ item, reason })),
		});
		const message = expect.stringMatching(/^The film lacks items 1, 3/);
		expect(hints).toEqual([expect.objectContaining({ message, type: 'warning' })]);
		expect(logs.map((line) => line.message)).toContainEqual(expect.stringMatching(/lacks items/));
	});

	it('is an error item where there is no other', async () => {
		const { items: out, errorItems } = await join([NO_FILE, { json: {} }], {
			onError: 'continueErrorOutput',
		});
		expect(out).toEqual([]);
		expect(errorItems).toHaveLength(2);
	});
});

const HTML = Buffer.from('<!DOCTYPE html><html><body>Sign in</body></html>');
const cutOff = () => film('plain.mp4').subarray(0, -2000);

/** A clip that does not fit behind plain.mp4, what is said of it, and what to do; mp4/join.test.ts has them all. */
const MISFITS: Array<
	[what: string, name: string, content: () => Buffer, says: RegExp, advises: RegExp]
> = [
	['empty', 'b.mp4', () => Buffer.alloc(0), /is empty/, /Response Format to File/],
	['a page', 'b.mp4', () => HTML, /is not an MP4 or MOV file/, /has the format HTML/],
	['cut off', 'b.mp4', cutOff, /is cut off: its end is missing; it must be whole/, /Fetch/],
	['sound alone', 'voice.m4a', () => film('voice.m4a'), /has sound but no video track/, /ffmpeg/],
	[
		'another size',
		'larger.mp4',
		() => film('larger.mp4'),
		/has another size in pixels \(128 × 64, not 96 × 64\) than "plain.mp4" \(field "data"\) of item 0/,
		/same Resolution and Aspect Ratio/,
	],
	['another codec', 'hevc.mp4', () => film('hevc.mp4'), /codec \(hvc1, not avc1\)/, /ffmpeg/],
	['another turn', 'turned.mp4', () => film('turned.mp4'), /turn \(\d+°, not 0°\)/, /way up/],
	['other pixels', 'wide-pixels.mp4', () => film('wide-pixels.mp4'), /of a pixel/, /ffmpeg/],
	['one channel', 'mono.mp4', () => film('mono.mp4'), /channels \(1, not 2\)/, /Sound Field/],
	['another rate', '44100.mp4', () => film('44100.mp4'), /\(44100 Hz, not 48000/, /Sound Field/],
	['another sound', 'opus.mp4', () => film('opus.mp4'), /sound of a kind.*: Opus/, /Sound Field/],
	['hidden frames', 'trimmed.mp4', () => film('trimmed.mp4'), /was cut without/, /uncut/],
];

describe('a clip that does not fit', () => {
	it.each(MISFITS)(
		'(%s) fails the film by name, and says what to do',
		async (_what, name, content, says, advises) => {
			const bad = { json: {}, binary: { data: fileOf(name, content()) } };
			const { error, items } = await join([clip('plain.mp4'), bad]);
			expect(items).toEqual([]);
			expect(error?.message).toMatch(
				new RegExp(
					`^Item 1 \\(the 2nd\\): The video "${name}" \\(field "data"\\) .*${says.source}`,
				),
			);
			expect(error?.description).toMatch(advises);
			expect(error?.description).not.toContain('ordered');
		},
	);

	it('fails it also where n8n goes on: no film lacks a clip without a word', async () => {
		const onError = 'continueErrorOutput';
		const { items, errorItems } = await join(clips('plain.mp4', 'larger.mp4'), { onError });
		expect(items).toEqual([]);
		const message = expect.stringMatching(/^Item 1 .* has another size/);
		expect(errorItems.map(({ json }) => json)).toMatchObject([{ error: { message } }]);
	});
});

describe('a sound track', () => {
	const withSound = (sound: ItemSpec['binary']): ItemSpec[] => [
		{ json: {}, binary: { data: fileOf('plain.mp4'), ...sound } },
		...clips('mono.mp4', 'silent.mp4'),
	];
	const options = { options: { soundField: 'voice' } };

	it('takes the place of the sound of all clips, whatever that is', async () => {
		const items = withSound({ voice: fileOf('voice.mp3') });
		const { items: out } = await join(items, { parameters: options });
		expect(out[0].json).toMatchObject({ duration: 6 });
		expect(await factsOf(out[0].binary?.data)).toMatchObject({ sound: 'mp4a' });
	});

	it.each<[string, INodeParameters, ItemSpec['binary'], RegExp, RegExp]>([
		['no file', options, {}, /no file in the field "voice" \(Sound Field\)/, /"data"/],
		[
			'a page',
			options,
			{ voice: fileOf('voice.mp3', HTML) },
			/^Item 0 .*The sound "voice.mp3" \(field "voice"\) is not an M4A, AAC or MP3 file/,
			/-c:a aac/,
		],
		[
			'a silent video',
			options,
			{ voice: fileOf('silent.mp4') },
			/is a video without sound/,
			/-c:a aac/,
		],
		['Opus', options, { voice: fileOf('opus.mp4') }, /can't be kept as it is: Opus/, /-c:a aac/],
		[
			'an expression that gives nothing',
			{ options: { soundField: '={{ $json.none }}' } },
			{},
			/"Sound Field" gives nothing/,
			/expression/,
		],
		[
			'two names',
			{ options: { soundField: 'data, data' } },
			{},
			/Sound Field must be the name of one binary field/,
			/Sound Field/,
		],
	])('%s: fails the film', async (_what, more, sound, says, advises) => {
		const { error } = await join(withSound(sound), { parameters: more });
		expect(error?.message).toMatch(says);
		expect(error?.description).toMatch(advises);
	});
});

describe('limits are said before the work', () => {
	const stored = (id: string, bytes: number): ItemSpec => ({
		json: {},
		binary: { data: { id, data: '', mimeType: 'video/mp4', fileName: 'a.mp4', bytes } },
	});
	const GIGABYTE = 1024 ** 3;

	it.each([
		['filesystem-v2:a', 1.5 * GIGABYTE, /would have 4608 MB; here it can have at most 4096 MB/],
		['database:a', 0.2 * GIGABYTE, /would have 615 MB; here it can have at most 512 MB/],
		['s3:a', 0.2 * GIGABYTE, /at most 512 MB/],
	])('of bytes, by where n8n keeps its files: %s', async (id, bytes, says) => {
		const { error } = await join(Array.from({ length: 3 }, () => stored(id, bytes)));
		expect(error?.message).toMatch(says);
	});

	it('of clips', async () => {
		const { error } = await join(Array.from({ length: 501 }, () => stored('filesystem-v2:a', 1)));
		expect(error?.message).toMatch(/^Item 500 .*: A film can have at most 500 clips/);
	});
});

it('a file that n8n has lost is named', async () => {
	const data = { id: 'filesystem-v2:gone', data: '', mimeType: 'video/mp4', fileName: 'a.mp4' };
	const lost: ItemSpec = { json: {}, binary: { data: { ...data, bytes: 10 } } };
	const { error } = await join([clip('plain.mp4'), lost]);
	expect(error?.message).toMatch(/^Item 1 \(the 2nd\): .*n8n no longer has the file "a.mp4"/);
});

describe('while n8n stores the film', () => {
	const write = promises.writeFile;

	/** From now on, n8n's storage does this with what is streamed into it. */
	const storing = (act: () => Promise<void>) =>
		jest.spyOn(promises, 'writeFile').mockImplementation(async (path, data, options) => {
			if (Buffer.isBuffer(data) || typeof data === 'string') await write(path, data, options);
			else await act();
		});

	afterEach(() => jest.restoreAllMocks());

	it('a stop ends it at once, also where its storage hangs', async () => {
		storing(async () => {
			running.cancel();
			await new Promise(() => {});
		});
		const items = clips('plain.mp4', 'plain.mp4');
		const running = world.engine.startNode({ credentials, items, parameters });
		const { status, items: out } = await running.result;
		expect([status, out]).toEqual(['canceled', []]);
	});

	it('a full disk is named', async () => {
		storing(async () => {
			throw new Error('ENOSPC: no space left on device');
		});
		const { error } = await join(clips('plain.mp4'));
		expect(error?.message).toBe('n8n could not store the film');
		expect(error?.description).toMatch(/ENOSPC/);
	});
});

it('tells an agent that a film needs files, which agents drop', async () => {
	const agent = 'requesting';
	const calls = [{ args: {} }];
	const { answers } = await world.engine.callTool({ agent, parameters, credentials, calls });
	expect(answers[0].text).toMatch(/A film is joined from files, and an AI agent hands none/);
});
