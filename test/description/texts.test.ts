// What the fields say: the manners of n8n's editor, and the limits that a user needs.
import type { INodeParameters, INodeProperties } from 'n8n-workflow';
import { NodeHelpers } from 'n8n-workflow';
import { properties, subtitle } from '../../nodes/HappyHorse/description';
import { hints, nodeHint } from '../../nodes/HappyHorse/description/hints';
import {
	allFields,
	atRunTime,
	entries,
	nodeType,
	nodeWith,
	shownFields,
	workflowOf,
} from './editor';

const FIELDS = allFields();
const ENTRIES = FIELDS.flatMap(entries);

function texts(field: INodeProperties): string[] {
	return [field.description, field.hint, field.placeholder].filter((text) => text !== undefined);
}

describe('manners', () => {
	it('no text ends with a period, or holds a gap', () => {
		const every = [
			...FIELDS.flatMap(texts),
			...ENTRIES.flatMap(({ description }) => (description === undefined ? [] : [description])),
		];
		for (const text of every) {
			expect(text).not.toMatch(/\.$/);
			expect(text).not.toMatch(/\s\s|^\s|\s$|undefined|NaN|\[object/);
		}
	});

	it('every field but a list or a collection explains itself', () => {
		const silent = FIELDS.filter(
			({ description, hint, type, name }) =>
				description === undefined &&
				hint === undefined &&
				!['collection', 'notice'].includes(type) &&
				!['resource', 'operation'].includes(name),
		);
		expect(silent).toEqual([]);
	});

	it('a switch says "Whether to"', () => {
		for (const { type, description } of FIELDS) {
			if (type === 'boolean') expect(description).toMatch(/^Whether to /);
		}
	});

	it('a hint is short, and an example says that it is one', () => {
		for (const { hint, placeholder, type } of FIELDS) {
			if (hint !== undefined) expect(hint.length).toBeLessThanOrEqual(120);
			if (placeholder !== undefined && type === 'string') expect(placeholder).toMatch(/^e\.g\. /);
		}
	});

	it('long lists are in the order of their labels, but what limits the cost comes first', () => {
		for (const { options = [] } of FIELDS) {
			if (options.length < 5) continue;
			const labels = options
				.map((entry) => ('displayName' in entry ? entry.displayName : entry.name))
				.filter((label, index) => index > 1 || !/^(Dry Run|Spending Limit)/.test(label));
			expect(labels).toEqual([...labels].sort());
		}
	});

	it('service, resource and operation take no expression', () => {
		for (const { name, noDataExpression } of properties) {
			if (['service', 'resource', 'operation'].includes(name)) expect(noDataExpression).toBe(true);
		}
	});
});

describe('what an AI agent reads of a tool that is set to an operation', () => {
	it.each([
		['video', 'textToVideo', 'Generate a video from text in HappyHorse'],
		['video', 'imageToVideo', 'Generate a video from an image in HappyHorse'],
		['video', 'referenceToVideo', 'Generate a video from reference images in HappyHorse'],
		['video', 'editVideo', 'Edit a video in HappyHorse'],
		['task', 'get', 'Get the status and video of a task in HappyHorse'],
		['task', 'wait', 'Wait for a task and get its video in HappyHorse'],
		['task', 'getMany', 'Get many tasks of Alibaba Model Studio in HappyHorse'],
		['task', 'cancel', 'Cancel a task at Alibaba Model Studio in HappyHorse'],
	])('%s %s', (resource, operation, description) => {
		expect(NodeHelpers.makeDescription({ resource, operation }, nodeType)).toBe(description);
	});
});

describe('the limits of the service, as its documentation has them', () => {
	const image = ['JPG, PNG or WebP', 'up to 10 MB', '300 × 300 pixels', '1:2.5 to 2.5:1'];
	const video = [
		...['MP4 or MOV', '3 to 60 seconds', 'first 15', 'up to 100 MB'],
		...['sides from 320 to 2160 pixels', 'more than 8 frames'],
		'length and aspect ratio of the edited video follow it',
	];
	const prompt = ['up to 5000 characters', 'first 2500'];
	const characters = ['character1', 'character2'];

	it.each<[operation: string, field: string, said: string[], more?: Record<string, string>]>([
		['textToVideo', 'prompt', prompt],
		['imageToVideo', 'prompt', prompt],
		['referenceToVideo', 'prompt', [...prompt, ...characters]],
		['editVideo', 'prompt', prompt],
		['textToVideo', 'duration', ['3 to 15']],
		['imageToVideo', 'imageUrl', image, { imageSource: 'url' }],
		['imageToVideo', 'binaryPropertyName', image, { imageSource: 'binary' }],
		[
			'referenceToVideo',
			'referenceImages',
			['1 to 9 images', 'at least 400 pixels', ...characters],
		],
		['editVideo', 'referenceImages', ['Up to 5 images', ...image.slice(1)]],
		['editVideo', 'videoUrl', video, { videoSource: 'url' }],
		['editVideo', 'videoBinaryPropertyName', video, { videoSource: 'binary' }],
		['textToVideo', 'downloadVideo', ['about 24 hours']],
		['get', 'downloadVideo', ['about 24 hours']],
		['get', 'taskId', ['about 24 hours']],
	])('%s: %s', (operation, name, said, more = {}) => {
		const resource = operation === 'get' ? 'task' : 'video';
		const shown = shownFields({ resource, operation, ...more });
		const [field] = shown.filter((one) => one.name === name);
		for (const part of said) expect(texts(field).join(' | ')).toContain(part);
	});

	it('a file from n8n needs n8n to be reachable', () => {
		const notice = FIELDS.find(({ name }) => name === 'videoBinaryNotice');
		expect(notice?.displayName).toMatch(/2 hours.*reachable from the internet/);
	});

	it('an edit counts against the spending limit as it is billed', () => {
		const limit = FIELDS.find(({ name }) => name === 'maxTotalSeconds');
		expect(limit?.description).toMatch(/an edit counts as 15 \(iMini\), twice .* 30 .*\(Alibaba/);
	});
});

describe('below the name on the canvas', () => {
	it.each<[INodeParameters, string]>([
		[{}, 'text to video'],
		[{ options: { dryRun: false } }, 'text to video'],
		[{ options: { dryRun: true } }, 'text to video (dry run)'],
		[{ options: { dryRun: '={{ $json.dry }}' } }, 'text to video (dry run: by expression)'],
		[{ resource: 'task', options: { dryRun: true } }, 'get task'],
	])('%j', (parameters, expected) => {
		const node = nodeWith({ ...atRunTime(parameters), ...parameters });
		const { expression } = workflowOf(node);
		expect(expression.getSimpleParameterValue(node, subtitle, 'internal', {})).toBe(expected);
	});
});

describe('hints for the AI builder', () => {
	const written = JSON.stringify([nodeHint, FIELDS]);

	it('say that the node waits by itself, takes all items at once, and can be tried for free', () => {
		const { searchHint } = nodeHint.builderHint;
		for (const said of [
			/never build a Wait node/,
			/no Loop Over Items/,
			/dryRun to true/,
			/join/,
		]) {
			expect(searchHint).toMatch(said);
		}
	});

	it('name fields and values that there are', () => {
		expect(properties.flatMap(entries).map(({ value }) => value)).toEqual(
			expect.arrayContaining(['film', 'join']),
		);
		expect(FIELDS.map(({ name }) => name)).toContain('dryRun');
	});

	it('hold no expression, which the builder would copy', () => {
		const texts = [...written.matchAll(/"(?:propertyHint|searchHint|relationHint)":"([^"]*)"/g)];
		expect(texts.length).toBeGreaterThan(6);
		for (const [, text] of texts) expect(text).not.toMatch(/\{\{|\.$\s/);
	});
});

describe('hints beside the output', () => {
	/** The messages of the hints that the editor shows for a node with the stored `parameters`. */
	function hintsOf(parameters: INodeParameters): string[] {
		const node = nodeWith(atRunTime(parameters));
		const { expression } = workflowOf(node);
		const holds = (condition = '') =>
			expression.getParameterValue(condition, null, 0, 0, node.name, [], 'manual', {});
		for (const { displayCondition } of hints)
			expect(typeof holds(displayCondition)).toBe('boolean');
		return hints
			.filter(({ displayCondition }) => holds(displayCondition))
			.map(({ message }) => message);
	}

	const LINK = [expect.stringMatching(/^Download Video is off: .* about 24 hours/)];
	const COLLECT = [expect.stringMatching(/^Wait for Completion is off: .* about 24 hours/)];
	const CUT = [expect.stringMatching(/^Of a Chinese prompt, .* first 2500 characters/)];

	it.each<[string, INodeParameters, unknown[]]>([
		['as it comes from the nodes panel', {}, []],
		['with a prompt in English, however long', { prompt: 'A horse. '.repeat(500) }, []],
		['with a Chinese prompt of 2500 characters', { prompt: '马'.repeat(2500) }, []],
		['with a longer Chinese prompt', { prompt: '马'.repeat(2501) }, CUT],
		['with a longer one that is Chinese in part', { prompt: `${'a'.repeat(2500)}马` }, CUT],
		['with a longer one from an expression', { prompt: "={{ '马'.repeat(3000) }}" }, CUT],
		['with a prompt that is a number', { prompt: '={{ 5 }}' }, []],
		['without a prompt', { operation: 'imageToVideo' }, []],
		['that does not download', { downloadVideo: false }, LINK],
		['that does not download what it looks up', { resource: 'task', downloadVideo: false }, LINK],
		['that does not wait', { waitForCompletion: false }, COLLECT],
		[
			'that did not download when it still waited',
			{ waitForCompletion: false, downloadVideo: false },
			COLLECT,
		],
	])('of a node %s', (_what, parameters, expected) => {
		expect(hintsOf(parameters)).toEqual(expected);
	});
});
