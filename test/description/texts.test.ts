// What the fields say: the manners of n8n's editor, and the limits that a user needs.
import type { INodeProperties } from 'n8n-workflow';
import { NodeHelpers } from 'n8n-workflow';
import codex from '../../nodes/HappyHorse/HappyHorse.node.json';
import { labelOf, properties } from '../../nodes/HappyHorse/description';
import { allFields, entries, nodeType, shownFields } from './editor';

const FIELDS = allFields();
const ENTRIES = FIELDS.flatMap(entries);

function texts(field: INodeProperties): string[] {
	return [field.description, field.hint, field.placeholder].filter((text) => text !== undefined);
}

it.each([
	['prompt', 'Prompt'],
	['referenceImages.image', 'Reference Images'],
	['options', 'Options'],
	['removedLongAgo', 'removedLongAgo'],
	['removedLongAgo.row', 'removedLongAgo.row'],
])('a message calls a field as the editor does, where that shows it: %s', (parameter, label) => {
	expect(labelOf(parameter)).toBe(label);
});

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

	it('a prompt has room', () => {
		const prompts = FIELDS.filter(({ name }) => name === 'prompt');
		expect(prompts).toHaveLength(4);
		for (const { typeOptions } of prompts) expect(typeOptions?.rows).toBe(4);
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
		['task', 'cancel', 'Cancel a task in HappyHorse'],
	])('%s %s', (resource, operation, description) => {
		expect(NodeHelpers.makeDescription({ resource, operation }, nodeType)).toBe(description);
	});
});

describe('the limits of the service, as its documentation has them', () => {
	/** All that the field `name` says in `operation`. */
	function said(operation: string, name: string, more: Record<string, string> = {}): string {
		const resource = operation === 'get' ? 'task' : 'video';
		const field = shownFields({ resource, operation, ...more }).find(
			(shown) => shown.name === name,
		);
		return field === undefined ? '' : texts(field).join(' | ');
	}

	function has(text: string, ...parts: string[]): void {
		for (const part of parts) expect(text).toContain(part);
	}

	it.each(['textToVideo', 'imageToVideo', 'referenceToVideo', 'editVideo'])(
		'prompt of %s',
		(operation) => {
			has(said(operation, 'prompt'), 'up to 5000 characters', 'first 2500');
		},
	);

	it.each([
		['imageUrl', 'url'],
		['binaryPropertyName', 'binary'],
	])('first frame: %s', (name, imageSource) => {
		const text = said('imageToVideo', name, { imageSource });
		has(text, 'JPG, PNG or WebP', 'up to 10 MB', '300 × 300 pixels', '1:2.5 to 2.5:1');
	});

	it('reference images', () => {
		const reference = said('referenceToVideo', 'referenceImages');
		has(reference, '1 to 9 images', 'JPG, PNG or WebP', 'up to 10 MB', 'at least 400 pixels');
		const edit = said('editVideo', 'referenceImages');
		has(edit, 'Up to 5 images', 'up to 10 MB', '300 × 300 pixels', '1:2.5 to 2.5:1');
	});

	it('character1 and so on name the images', () => {
		expect(said('referenceToVideo', 'prompt')).toMatch(/character1.*character2/);
		expect(said('referenceToVideo', 'referenceImages')).toMatch(/character1.*character2/);
		expect(said('textToVideo', 'prompt')).not.toContain('character1');
	});

	it.each([
		['videoUrl', 'url'],
		['videoBinaryPropertyName', 'binary'],
	])('video to edit: %s', (name, videoSource) => {
		const text = said('editVideo', name, { videoSource });
		has(
			text,
			'MP4 or MOV',
			'3 to 60 seconds',
			'first 15',
			'up to 100 MB',
			'sides from 320 to 2160 pixels',
			'more than 8 frames',
			'length and aspect ratio of the edited video follow it',
		);
	});

	it('a file from n8n needs n8n to be reachable', () => {
		const notice = FIELDS.find(({ name }) => name === 'videoBinaryNotice');
		expect(notice?.displayName).toMatch(/2 hours.*reachable from the internet/);
	});

	it('duration, links and tasks', () => {
		expect(said('textToVideo', 'duration')).toContain('3 to 15');
		expect(said('textToVideo', 'downloadVideo')).toContain('about 24 hours');
		expect(said('get', 'downloadVideo')).toContain('about 24 hours');
		expect(said('get', 'taskId')).toContain('about 24 hours');
	});

	it('an edit counts as 15 seconds against the spending limit', () => {
		const limit = FIELDS.find(({ name }) => name === 'maxTotalSeconds');
		expect(limit?.description).toContain('an edit counts as 15');
	});
});

describe('codex', () => {
	it('puts the node where people look for it', () => {
		expect(codex.node).toBe('n8n-nodes-happyhorse.happyHorse');
		expect(codex.categories).toEqual(['Marketing & Content']);
	});

	it.each(
		[
			['happyhorse', 'happy horse', 'imini'],
			['alibaba', 'alibaba cloud', 'model studio', 'modelstudio', 'dashscope', 'bailian'],
			['qwen', 'qwen cloud', 'wan', 'tongyi'],
			['text to video', 'image to video', 'ai video', 'video generation'],
		].flat(),
	)('finds it by "%s"', (word) => {
		expect(codex.alias.map((alias) => alias.toLowerCase())).toContain(word);
	});
});
