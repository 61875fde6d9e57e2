// Bad input: found in every item before anything is sent, with a message that says what, where and what to do.
import type { INodeParameters } from 'n8n-workflow';
import { allFields } from '../description/editor';
import { dataUrl, imageFile, mp4, pdf } from '../../tools/images';
import { rowsOf, section } from '../readmeText';
import type { FileSpec } from '../../tools/engine/engine';
import { useWorld } from './world';

const world = useWorld({ simulator: { secondsPerTask: 1 } });

/** The id of a task that exists. */
async function orderTask(): Promise<unknown> {
	const { items } = await world.engine.runNode({
		parameters: { prompt: 'A horse', waitForCompletion: false },
	});
	return items[0].json.task_id;
}

/** A bad value of one field, between good ones: each item carries its own as `value`, or as a file in its field `data`. */
interface Row {
	what: string;
	/** The node's parameters, which read `$json.value`. */
	parameters: INodeParameters;
	good?: unknown;
	bad?: unknown;
	goodFile?: () => Promise<Buffer>;
	/** Default: none. */
	badFile?: () => Promise<Buffer> | Buffer;
	/** The error's message, without "Item 1 (the 2nd): ". */
	message: string;
}

/** The rows of a field whose other items are good: what is wrong, the value, and the message. */
const values = (
	parameters: INodeParameters,
	good: unknown,
	...rows: Array<[what: string, bad: unknown, message: string]>
): Row[] => rows.map(([what, bad, message]) => ({ what, parameters, good, bad, message }));

const VALUE = '={{ $json.value }}';
const LINK = 'https://a.example/1.png';
const VIDEO = 'https://a.example/1.mp4';

const text = (more: INodeParameters): INodeParameters => ({ prompt: 'A horse', ...more });
/** Most options only apply when the node waits for the video. */
const options = (more: INodeParameters): INodeParameters =>
	text({ waitForCompletion: true, downloadVideo: true, options: more });
const image = (more: INodeParameters): INodeParameters => ({
	operation: 'imageToVideo',
	imageUrl: LINK,
	...more,
});
const references = (row: INodeParameters, more: INodeParameters = {}): INodeParameters => ({
	operation: 'referenceToVideo',
	prompt: 'A horse',
	referenceImages: { image: [row] },
	...more,
});
const edit = (more: INodeParameters): INodeParameters => ({
	operation: 'editVideo',
	prompt: 'Make it snow',
	videoUrl: VIDEO,
	...more,
});
const task = (operation: string): INodeParameters => ({
	resource: 'task',
	operation,
	taskId: VALUE,
	downloadVideo: false,
});

const DURATION = 'Duration (Seconds) must be a whole number of seconds from 3 to 15, but is';
const NO_LINK = 'must be a URL that starts with https:// or http://, but is';
const NO_IMAGE =
	'must be a URL that starts with https:// or http://, or a data URL with a base64 image (data:image/…;base64,…)';
const NO_NODE = "failed: Referenced node doesn't exist";

const words = [
	...values(text({ prompt: VALUE }), '🐴'.repeat(5000), [
		'5001 characters',
		'马'.repeat(5001),
		'Prompt must have at most 5000 characters, but has 5001',
	]),
	...values(text({ duration: VALUE }), '5', ['a duration of 2', 2, `${DURATION} 2`]),
	...values(text({ resolution: VALUE }), '720P', [
		'an unknown resolution',
		'4K',
		'Resolution must be one of 720P, 1080P, but is "4K"',
	]),
	...values(text({ waitForCompletion: true, downloadVideo: VALUE }), 'false', [
		'a switch that is neither on nor off',
		'perhaps',
		'Download Video must be true or false, but is "perhaps"',
	]),
	...values(text({ prompt: '=A video of {{ $json.value }}, cinematic' }), 'a horse', [
		'an object in the middle of a prompt',
		{ title: 'Rain' },
		'Prompt contains [object Object]: an expression in it gives an object, not text',
	]),
	...values(text({ prompt: '={{ $json.value || $("Nowhere").first().json.prompt }}' }), 'A horse', [
		'an expression that fails',
		'',
		`The expression of the field "Prompt" ${NO_NODE}`,
	]),
	...values(references({ url: '={{ $json.value || $("Nowhere").first().json.link }}' }), LINK, [
		'an expression in a row of images that fails',
		'',
		`The expression of the field "Reference Images" ${NO_NODE}`,
	]),
];

const links = (count: number) => Array.from({ length: count }, () => LINK);

const inLinks = [
	...values(
		image({ imageUrl: VALUE }),
		LINK,
		['two images', `${LINK},${LINK}`, 'Image URL must hold exactly 1 image, but holds 2'],
		['a path', '/tmp/1.png', `Image URL ${NO_LINK} "/tmp/1.png"`],
		[
			'a data: URL without base64',
			'data:image/png,abc',
			`Image URL ${NO_IMAGE}, but is "data:image/png,…"`,
		],
		[
			'a data: URL of a PDF that claims to be a PNG',
			dataUrl(pdf()),
			'The image in Image URL has the format PDF; it must be a JPG, PNG or WebP image',
		],
	),
	...values(
		references({ url: VALUE }),
		links(9),
		[
			'ten reference images',
			links(10),
			'Reference Images must hold from 1 to 9 images, but holds 10',
		],
		['a reference image that is an empty list', [], 'Reference Images has a row without an image'],
	),
	...values(
		references({ url: `${LINK},${LINK}` }, { prompt: VALUE }),
		'character1 meets character2',
		[
			'a third character with two images',
			'character1 meets character3',
			'Prompt names character3, but there are 2 reference images',
		],
	),
	...values(references({ source: VALUE, url: LINK }), 'url', [
		'a reference image from nowhere',
		'file',
		'Source must be one of url, binary, but is "file"',
	]),
	...values(
		edit({ videoUrl: VALUE }),
		VIDEO,
		['two videos', `${VIDEO}\n${VIDEO}`, 'Video URL must hold exactly 1 video, but holds 2'],
		[
			'a data: URL for a video',
			dataUrl(mp4(), 'video/mp4'),
			`Video URL ${NO_LINK} "data:video/mp4;base64,…"`,
		],
	),
];

const goodImage = async () => await imageFile('png', 400, 400);
const goodVideo = async () => mp4(1000);

const firstFrame = image({ imageSource: 'binary', imageUrl: '' });
const referenceFile = references({ source: 'binary' });
const editFile = edit({ videoSource: 'binary', videoUrl: '', waitForCompletion: true });

const NO_FILE = 'The input item has no file in the field "data" (Input Binary Field)';
const FORMAT = 'it must be a JPG, PNG or WebP image';

const files = (
	[
		['no file for a first frame', firstFrame, goodImage, undefined, NO_FILE],
		['no file for a reference', referenceFile, goodImage, undefined, NO_FILE],
		['no file to edit', editFile, goodVideo, undefined, NO_FILE],
		[
			'a GIF',
			firstFrame,
			goodImage,
			async () => await imageFile('gif', 400, 400),
			`The image FILE has the format GIF; ${FORMAT}`,
		],
		['an empty video', editFile, goodVideo, () => Buffer.alloc(0), 'The video FILE is empty'],
	] as const
).map(
	([what, parameters, goodFile, badFile, message]): Row => ({
		what,
		parameters,
		goodFile,
		badFile,
		message: message.replace('FILE', '"a.png" (field "data")'),
	}),
);

const NO_ID = 'Task ID must be the ID of a task, such as task_2044275355061448704, but is';

const taskIds = ['get', 'wait'].flatMap((operation) =>
	values(
		task(operation),
		'TASK',
		[`a path for a task ID (${operation})`, '../../v1/keys', `${NO_ID} "../../v1/keys"`],
		[`half a character in a task ID (${operation})`, 'task_\ud800', `${NO_ID} "task_\ud800"`],
	),
);

const settings = [
	...values(options({ pollInterval: VALUE }), '1', [
		'a poll interval of 0',
		0,
		'Poll Interval (Seconds) must be a number of seconds, at least 1, but is 0',
	]),
	...values(options({ timeout: VALUE }), 0.5, [
		'a timeout of 0',
		0,
		'Timeout (Minutes) must be a number of minutes above 0, but is 0',
	]),
	...values(options({ maxTasksInFlight: VALUE }), '2', [
		'one and a half tasks in flight',
		1.5,
		'Videos at Once must be a whole number, at least 1, but is 1.5',
	]),
	...values(options({ maxTotalSeconds: VALUE }), 100, [
		'a spending limit below 0',
		-1,
		'Spending Limit (Seconds) must be a number of seconds, 0 for no limit, but is -1',
	]),
	...values(options({ binaryPropertyNameOutput: VALUE, downloadCover: true }), 'video', [
		'the field of the cover for the file',
		'cover',
		'Put Output File in Field must be the name of a field other than "cover", which takes the cover, but is "cover"',
	]),
	...values(options({ binaryPropertyNameOutput: VALUE }), 'video', [
		'the field __proto__, which n8n loses',
		'__proto__',
		'Put Output File in Field must be the name of a field, but is "__proto__"',
	]),
	...values(options({ fileName: VALUE }), 'a.mp4', [
		'a file name that is a list',
		['a.mp4'],
		'File Name must be text, but is a list of 1',
	]),
];

const ROWS: Row[] = [...words, ...inLinks, ...files, ...taskIds, ...settings];

/** Three items; the one in the middle is bad. */
async function itemsOf({ good, bad, goodFile, badFile }: Row) {
	const file = async (make: () => Promise<Buffer> | Buffer): Promise<Record<string, FileSpec>> => ({
		data: { content: await make(), fileName: 'a.png', mimeType: 'image/png' },
	});
	const json = (value: unknown) => ({ value: structuredClone(value) }) as { value: string };
	const goodValue = good === 'TASK' ? await orderTask() : good;
	const goodItem = { json: json(goodValue), binary: goodFile && (await file(goodFile)) };
	return [goodItem, { json: json(bad), binary: badFile && (await file(badFile)) }, goodItem];
}

/** Every message and description that was seen. */
const said: string[] = [];

it('no reference image at all is refused by n8n itself', async () => {
	const parameters = references({}, { referenceImages: {} });
	await expect(world.engine.runNode({ parameters })).rejects.toThrow('has issues');
	expect(world.simulator.requests).toEqual([]);
});

// Looking a task up orders nothing in any case: no word of it
const isLookup = ({ parameters }: Row) => parameters.resource === 'task';

it.each(ROWS)('$what stops the node before anything is sent', async (row) => {
	const items = await itemsOf(row);
	const before = world.simulator.requests.length;
	const parameters = { waitForCompletion: false, ...row.parameters };
	const { status, error } = await world.engine.runNode({ parameters, items });
	expect(status).toBe('error');
	expect(error?.message).toBe(`Item 1 (the 2nd): ${row.message}`);
	expect(error?.description).toMatch(
		isLookup(row) ? /^(?!.*\bordered\b)./ : /^None of the 3 items was ordered\. ./,
	);
	expect(error?.context).toMatchObject({ item: 1, tasks: [] });
	expect(world.simulator.requests.slice(before)).toEqual([]);
	said.push(error?.message ?? '', error?.description ?? '');
});

/** One row of each kind. */
const KINDS = [words, inLinks, files, taskIds, settings].map(([row]) => row);

it.each(KINDS)('$what leaves the good items alone with On Error = continue', async (row) => {
	const input = await itemsOf(row);
	const before = world.simulator.requests.length;
	const { items, errorItems } = await world.engine.runNode({
		parameters: { waitForCompletion: false, ...row.parameters },
		items: input,
		onError: 'continueErrorOutput',
	});
	expect(items.map(({ pairedItem }) => pairedItem)).toEqual([{ item: 0 }, { item: 2 }]);
	expect(errorItems.map(({ pairedItem }) => pairedItem)).toEqual([{ item: 1 }]);
	expect(errorItems[0].json.error).toStrictEqual({
		message: `Item 1 (the 2nd): ${row.message}`,
		description: expect.stringMatching(
			isLookup(row) ? /^(?!.*\bordered\b)./ : /^Nothing was ordered for this item\. ./,
		),
	});
	const kinds = world.simulator.requests.slice(before).map(({ kind }) => kind);
	const asked = isLookup(row) ? 'query' : 'submit';
	expect(kinds.filter((kind) => kind === asked)).toHaveLength(2);
});

it('with On Error = stop all bad items are named', async () => {
	const { error } = await world.engine.runNode({
		parameters: text({ prompt: VALUE }),
		items: ['', 'A horse', ''].map((value) => ({ json: { value } })),
	});
	const empty =
		'The expression of the field "Prompt" gives nothing for this item: {{ $json.value }}';
	expect(error?.message).toBe(`Item 0 (the 1st): ${empty}`);
	expect(error?.description).toMatch(/^None of the 3 items was ordered\. /);
	expect(error?.description).toContain(`Item 2 (the 3rd): ${empty}.`);
	expect(world.simulator.requests).toEqual([]);
});

it('a file that n8n has deleted since stops the node before anything is sent', async () => {
	const id = 'filesystem-v2:workflows/w/executions/e/binary_data/gone';
	const data = { id, data: 'filesystem-v2', mimeType: 'image/png', fileName: 'a.png' };
	const { error } = await world.engine.runNode({
		parameters: firstFrame,
		items: [{ json: {}, binary: { data } }],
	});
	expect(error?.message).toMatch(/^The input could not be read: ./);
	expect(error?.description).toBe(
		'Nothing was ordered for this item. Run the workflow from its start, so that the file is made again.',
	);
	expect(world.simulator.requests).toEqual([]);
});

it('docs/troubleshooting.md lists every one of these messages', () => {
	/** What most of them have in common, and the page says once. */
	const form = '… must be …, but is …';
	const text = section('## The input');
	expect(text).toContain(`"${form}"`);
	const listed = [form, ...rowsOf(text).map(([message]) => message)].map((message) => {
		const pieces = message.split('…').map((piece) => piece.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
		return new RegExp(`^${pieces.join('.+')}$`);
	});
	const messages = new Set(ROWS.map(({ message }) => message));
	expect([...messages].filter((one) => !listed.some((pattern) => pattern.test(one)))).toEqual([]);
});

it('a message names only fields that the editor shows', () => {
	const labels = new Set(allFields().map(({ displayName }) => displayName));
	const named = said.flatMap((line) => [
		...[
			...line.matchAll(
				/^Item 1 \(the 2nd\): ([A-Z][\w ()]*?) (?:must|names|has a row|is a data URL|is \d)/g,
			),
		],
		...[...line.matchAll(/^Item 1 \(the 2nd\): The image in ([A-Z][\w ()]*?) (?:is|has)/g)],
		...[...line.matchAll(/(?:the field|images? to) "([^"]+)"/g)],
		...[...line.matchAll(/\(([A-Z][\w ]+)\)$/g)],
	]);
	const names = new Set(named.map(([, name]) => name).filter((name) => name !== 'data'));
	expect([...names].filter((name) => !labels.has(name))).toEqual([]);
	expect(names.size).toBeGreaterThan(15);
});

it.each<[string, Record<string, FileSpec>, string]>([
	['none at all', {}, 'In an HTTP Request node, set Response Format to File.'],
	[
		'others',
		{
			photo: { content: Buffer.alloc(1), fileName: 'a.png', mimeType: 'image/png' },
			attachment_0: { content: Buffer.alloc(1), fileName: 'b.png', mimeType: 'image/png' },
		},
		'Name a field that holds a file: "photo", "attachment_0".',
	],
])('a missing file: the item has %s, and the error says what to do', async (_what, binary, fix) => {
	const { error } = await world.engine.runNode({
		parameters: firstFrame,
		items: [{ json: {}, binary }],
	});
	expect(error?.description?.endsWith(fix)).toBe(true);
});
