// Which field is shown when, and what it is unless the user changes it.
import type { INodeParameters, INodeProperties } from 'n8n-workflow';
import { NodeHelpers } from 'n8n-workflow';
import { properties } from '../../nodes/HappyHorse/description';
import { AUDIO_SETTINGS, ORDER_DEFAULTS } from '../../nodes/HappyHorse/domain/limits';
import { HappyHorse } from '../../nodes/HappyHorse/HappyHorse.node';
import { SERVICES } from '../../nodes/HappyHorse/service';
import {
	allFields,
	atRunTime,
	entries,
	nodeType,
	nodeWith,
	offeredOptions,
	sections,
	shownFields,
} from './editor';

const names = (list: INodeProperties[]) => list.map(({ name }) => name);

const ASK = ['service', 'resource', 'operation'];
const ASK_PAID = [...ASK, 'costNotice'];
const DELIVER = ['waitForCompletion', 'downloadVideo', 'options'];
const SUBMIT_ONLY = ['waitForCompletion', 'options'];

const video = (operation: string, more: INodeParameters = {}): INodeParameters => ({
	resource: 'video',
	operation,
	...more,
});
const task = (operation: string, more: INodeParameters = {}): INodeParameters => ({
	resource: 'task',
	operation,
	...more,
});

/** Each operation, and where a file may be given, with a file. */
const FIELDS: Array<[INodeParameters, string]> = [
	[video('textToVideo'), 'prompt resolution aspectRatio duration'],
	[video('imageToVideo'), 'imageSource imageUrl prompt resolution duration'],
	[
		video('imageToVideo', { imageSource: 'binary' }),
		'imageSource binaryPropertyName prompt resolution duration',
	],
	[video('referenceToVideo'), 'prompt referenceImages resolution aspectRatio duration'],
	[video('editVideo'), 'videoSource videoUrl prompt referenceImages audioSetting resolution'],
	[
		video('editVideo', { videoSource: 'binary' }),
		'videoSource videoBinaryPropertyName videoBinaryNotice prompt referenceImages audioSetting resolution',
	],
];

describe.each(SERVICES.map(({ name }) => name))('fields of a video operation at %s', (service) => {
	it.each(FIELDS)('%j', (parameters, list) => {
		// Files are uploaded to Model Studio, and one model alone edits there
		const isOther = service === 'modelStudio';
		const fields = list.split(' ').filter((name) => !(isOther && name === 'videoBinaryNotice'));
		const hasVersion = isOther && parameters.operation !== 'editVideo';
		const ask = hasVersion ? ['service', 'modelVersion', ...ASK_PAID.slice(1)] : ASK_PAID;
		for (const downloadVideo of [true, false]) {
			const held = { ...parameters, service, downloadVideo };
			expect(names(shownFields(held))).toEqual([...ask, ...fields, ...DELIVER]);
			const submits = shownFields({ ...held, waitForCompletion: false });
			expect(names(submits)).toEqual([...ask, ...fields, ...SUBMIT_ONLY]);
		}
	});
});

describe('fields of a task operation', () => {
	it.each([
		task('get'),
		task('wait'),
		task('get', { downloadVideo: false }),
		// Left over from a time when the node generated a video
		task('wait', { waitForCompletion: false, imageSource: 'binary' }),
	])('%j', (parameters) => {
		expect(names(shownFields(parameters))).toEqual([
			...ASK,
			'managesNoTasksNotice',
			'taskId',
			'downloadVideo',
			'options',
		]);
	});

	it.each([
		[{}, /^e\.g\. task_\d{19}$/],
		[{ service: 'modelStudio' }, /^e\.g\. [0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/],
	])('with %j, Task ID shows what one looks like there', (service, example) => {
		const shown = shownFields(task('get', service)).filter(({ name }) => name === 'taskId');
		expect(shown.map(({ placeholder }) => placeholder)).toEqual([expect.stringMatching(example)]);
	});

	it('a list has what n8n’s lists have', () => {
		const parameters = task('getMany', { service: 'modelStudio' });
		expect(names(shownFields(parameters))).toEqual([...ASK, 'returnAll', 'limit', 'filters']);
		const all = shownFields({ ...parameters, returnAll: true });
		expect(names(all)).toEqual([...ASK, 'returnAll', 'filters']);
	});

	it('a cancel has no video to download', () => {
		const shown = shownFields(task('cancel', { service: 'modelStudio' }));
		expect(names(shown)).toEqual([...ASK, 'taskId', 'options']);
	});
});

it('the fields of a film: no service, no cost', () => {
	const shown = shownFields({ resource: 'film' });
	expect(names(shown)).toEqual([
		'resource',
		'operation',
		'filmNotice',
		'binaryPropertyName',
		'options',
	]);
	const offered = offeredOptions({ resource: 'film' });
	expect(names(offered)).toEqual(['fileName', 'binaryPropertyNameOutput', 'soundField']);
});

const FILE = ['downloadCover', 'fileName', 'binaryPropertyNameOutput'];
const WAIT = ['pollInterval', 'timeout'];
// An order that is waited for
const ORDER_WAIT = ['pollInterval'];
// What an order takes part in also when its video is not waited for
const COMMON = [
	'resubmitWhenUnsure',
	'maxTotalSeconds',
	'maxTasksInFlight',
	'timeout',
	'dryRun',
	'extraParameters',
	'includeInputFields',
	'pricePerSecond',
];
const ORDER = [...COMMON, 'model'];
const LOOK_AFTER = ['maxTasksInFlight', 'includeInputFields'];

describe('options', () => {
	// The node relies on it: it reads them without a look at what they are
	it.each([undefined, null, 'fast', '={{ null }}', ['fast']])(
		'are a collection, whatever a workflow that was made elsewhere holds: %j',
		(options) => {
			const held = options === undefined ? {} : { options };
			const { options: seen } = atRunTime(video('textToVideo', held));
			expect(seen).toEqual({});
		},
	);

	const VIDEO: Array<[boolean, boolean, string[]]> = [
		[true, true, [...FILE, ...ORDER_WAIT, ...ORDER]],
		[true, false, [...ORDER_WAIT, ...ORDER]],
		[false, true, ORDER],
		[false, false, ORDER],
	];
	describe.each(['textToVideo', 'imageToVideo', 'referenceToVideo', 'editVideo'])(
		'%s',
		(operation) => {
			it.each(VIDEO)('wait %s, download %s', (waitForCompletion, downloadVideo, expected) => {
				const offered = offeredOptions(video(operation, { waitForCompletion, downloadVideo }));
				expect(names(offered).sort()).toEqual([...expected].sort());
			});
		},
	);

	it('of Model Studio have its own, and no cover, which it does not make', () => {
		const offered = offeredOptions(video('textToVideo', { service: 'modelStudio' }));
		const own = ['seed', 'watermark', 'fileName', 'binaryPropertyNameOutput', ...ORDER_WAIT];
		expect(names(offered).sort()).toEqual([...COMMON, ...own].sort());
	});

	const TASK: Array<[string, boolean, string[]]> = [
		['get', true, [...FILE, ...LOOK_AFTER]],
		['get', false, LOOK_AFTER],
		['wait', true, [...FILE, ...WAIT, ...LOOK_AFTER]],
		['wait', false, [...WAIT, ...LOOK_AFTER]],
		['cancel', true, LOOK_AFTER],
	];
	it.each(TASK)('task %s, download %s', (operation, downloadVideo, expected) => {
		const offered = offeredOptions(task(operation, { downloadVideo }));
		expect(names(offered).sort()).toEqual([...expected].sort());
	});

	it('of a task have a price where the service tells what it bills', () => {
		const offered = offeredOptions(task('get', { service: 'modelStudio' }));
		expect(names(offered)).toContain('pricePerSecond');
	});

	const EVERY: INodeParameters = {
		binaryPropertyNameOutput: 'clip',
		fileName: 'trailer.mp4',
		downloadCover: true,
		pollInterval: 5,
		timeout: 0.5,
		maxTasksInFlight: 3,
		maxTotalSeconds: 60,
		resubmitWhenUnsure: true,
		model: 'dashscope/happyhorse-2.0',
		extraParameters: '{}',
		includeInputFields: true,
		pricePerSecond: 0.14,
		dryRun: true,
	};

	it('do not reach the node where they mean nothing', () => {
		const kept = (parameters: INodeParameters) =>
			Object.keys(atRunTime({ ...parameters, options: EVERY }).options ?? {}).sort();
		expect(kept(video('editVideo', { waitForCompletion: false }))).toEqual([...ORDER].sort());
		expect(kept(task('get'))).toEqual([...FILE, ...LOOK_AFTER].sort());
		expect(kept(task('get', { downloadVideo: false }))).toEqual([...LOOK_AFTER].sort());
	});
});

describe('a flag or a source that is an expression', () => {
	const EXPRESSION = '={{ $json.x }}';

	it('shows what may become needed, and no field of another operation', () => {
		const shown = names(
			shownFields(
				video('imageToVideo', { imageSource: EXPRESSION, waitForCompletion: EXPRESSION }),
			),
		);
		const needed = 'imageSource imageUrl binaryPropertyName prompt resolution duration'.split(' ');
		expect(shown).toEqual([...ASK_PAID, ...needed, ...DELIVER]);
	});

	it('does not offer an option twice', () => {
		const parameters = video('textToVideo', {
			waitForCompletion: EXPRESSION,
			downloadVideo: EXPRESSION,
		});
		expect(names(offeredOptions(parameters)).sort()).toEqual(
			[...FILE, ...ORDER_WAIT, ...ORDER].sort(),
		);
	});
});

it('an order has these values unless the user changes them', () => {
	expect(atRunTime({})).toEqual({
		service: 'imini',
		resource: 'video',
		operation: 'textToVideo',
		costNotice: '',
		prompt: '',
		resolution: '1080P',
		aspectRatio: '16:9',
		duration: 5,
		waitForCompletion: true,
		downloadVideo: true,
		options: {},
	});
	expect(atRunTime({ resource: 'task' })).toMatchObject({ operation: 'get', downloadVideo: true });
});

describe('the service’s words and limits', () => {
	const fields = (name: string) => allFields().filter((field) => field.name === name);
	const values = (name: string) =>
		fields(name).map((field) => entries(field).map((entry) => entry.value));

	it.each([
		['resolution', ['480P', '720P', '1080P'], ORDER_DEFAULTS.resolution],
		['audioSetting', AUDIO_SETTINGS, ORDER_DEFAULTS.audioSetting],
		['modelVersion', ['1.1', '1.0'], '1.1'],
	])('%s', (name, words, preset) => {
		expect(values(name)).toEqual([expect.arrayContaining([...words])]);
		expect(values(name)[0]).toHaveLength(words.length);
		expect(fields(name)[0].default).toBe(preset);
	});

	describe.each(SERVICES.map(({ name, offer }) => [name, offer.limits.aspectRatios] as const))(
		'aspect ratios at %s',
		(service, ratios) => {
			it.each(Object.entries(ratios))('are those of its model %s', (modelVersion, expected) => {
				const parameters = video('textToVideo', { service, modelVersion });
				const [field] = fields('aspectRatio');
				const offered = entries(field).filter((entry) =>
					NodeHelpers.displayParameter(
						atRunTime(parameters),
						entry,
						nodeWith(parameters),
						nodeType,
					),
				);
				expect(offered.map(({ value }) => value).sort()).toEqual([...expected].sort());
				expect(field.default).toBe(ORDER_DEFAULTS.aspectRatio);
			});
		},
	);

	it('a limit that differs from service to service is told for each', () => {
		const [{ description }] = fields('videoUrl');
		expect(description).toContain(
			'sides from 320 to 2160 pixels (iMini), 320 to 4096 pixels (Alibaba Model Studio)',
		);
	});

	// The editor would change what was typed, and order that: the node's check says what is wrong with it
	it('no number is bent by the editor', () => {
		const numbers = allFields().filter(({ type }) => type === 'number');
		expect(names(numbers)).toContain('duration');
		// But for n8n's own Limit, which orders nothing
		const others = numbers.filter(({ name }) => name !== 'limit');
		for (const { typeOptions = {} } of others) expect(typeOptions).toEqual({});
	});

	it('reference images: many, sortable, rows of source, url and field', () => {
		const lists = fields('referenceImages');
		expect(lists).toHaveLength(2);
		for (const list of lists) {
			expect(list.typeOptions).toMatchObject({ multipleValues: true, sortable: true });
			expect(sections(list).map(({ name }) => name)).toEqual(['image']);
			expect(names(sections(list)[0].values)).toEqual(['source', 'url', 'binaryPropertyName']);
		}
	});
});

describe('what the editor demands before it runs the node', () => {
	const issues = (parameters: INodeParameters) =>
		Object.keys(
			NodeHelpers.getNodeParametersIssues(properties, nodeWith(atRunTime(parameters)), nodeType)
				?.parameters ?? {},
		);
	const images = (count: number): INodeParameters => ({
		referenceImages: { image: Array.from({ length: count }, () => ({ url: 'https://a.b/c.png' })) },
	});

	it.each<[INodeParameters, string[]]>([
		[video('textToVideo'), ['prompt']],
		[video('imageToVideo'), ['imageUrl']],
		[video('imageToVideo', { imageSource: 'binary' }), []],
		[
			video('imageToVideo', { imageSource: 'binary', binaryPropertyName: '' }),
			['binaryPropertyName'],
		],
		[video('referenceToVideo'), ['prompt', 'url']],
		[video('referenceToVideo', { referenceImages: {} }), ['prompt', 'referenceImages']],
		[video('referenceToVideo', { prompt: 'x', ...images(9) }), []],
		[video('referenceToVideo', { prompt: 'x', ...images(10) }), ['referenceImages']],
		[video('editVideo'), ['videoUrl', 'prompt']],
		[video('editVideo', { videoSource: 'binary', prompt: 'x' }), []],
		[video('editVideo', { videoUrl: 'https://a.b/c.mp4', prompt: 'x', ...images(5) }), []],
		[
			video('editVideo', { videoUrl: 'https://a.b/c.mp4', prompt: 'x', ...images(6) }),
			['referenceImages'],
		],
		[task('get'), ['taskId']],
		[task('wait', { taskId: 'task_1' }), []],
	])('%j', (parameters, expected) => {
		expect(issues(parameters).sort()).toEqual([...expected].sort());
	});
});

describe('credentials', () => {
	const credentials = new HappyHorse().description.credentials ?? [];

	it.each([
		...SERVICES.flatMap(
			({ name: service, credential }): Array<[INodeParameters, string[]]> => [
				[{ service, resource: 'video' }, [credential]],
				[{ service, resource: 'task' }, [credential]],
			],
		),
		[{ resource: 'film' }, []],
	] as Array<[INodeParameters, string[]]>)('of %j', (parameters, expected) => {
		const shown = credentials.filter((one) =>
			NodeHelpers.displayParameter(atRunTime(parameters), one, nodeWith(parameters), nodeType),
		);
		expect(shown.map(({ name }) => name)).toEqual(expected);
	});

	// n8n's coming rule single-credential-per-node, and what the panel needs to go on showing the field Service
	it('are told apart by paths', () => {
		for (const { displayOptions } of credentials) {
			expect(Object.keys(displayOptions?.show ?? {}).sort()).toEqual(['/resource', '/service']);
		}
	});
});
