// The node's panel in the editor: which fields each operation shows, their defaults, and a run from there.
/* eslint-disable @n8n/community-nodes/no-restricted-imports -- a script: it runs in Node, never in n8n */
import { deepEqual, equal, ok } from 'node:assert/strict';
import { chain } from '../../../tools/n8n/workflow';
import type { Scenario, World } from '../world';

const FORMAT = { resolution: '1080p' };
const LENGTH = { duration: '5' };
const SHAPE = { aspectRatio: '16:9 (Landscape)' };
const DELIVERY = { waitForCompletion: true, downloadVideo: true };

/** What each operation shows, with its defaults. A list of images shows as its name. */
const PANELS: Array<[resource: string, operation: string, fields: object]> = [
	['Video', 'Text to Video', { prompt: '', ...FORMAT, ...SHAPE, ...LENGTH, ...DELIVERY }],
	[
		'Video',
		'Image to Video',
		{ imageSource: 'URL', imageUrl: '', prompt: '', ...FORMAT, ...LENGTH, ...DELIVERY },
	],
	[
		'Video',
		'Edit Video',
		{
			videoSource: 'URL',
			videoUrl: '',
			prompt: '',
			audioSetting: 'Automatic',
			...FORMAT,
			...DELIVERY,
		},
	],
	[
		'Video',
		'Reference to Video',
		// Its first image stands open, and would stay so in Edit Video
		{ prompt: '', source: 'URL', url: '', ...FORMAT, ...SHAPE, ...LENGTH, ...DELIVERY },
	],
	['Task', 'Get', { taskId: '', downloadVideo: true }],
	['Task', 'Wait', { taskId: '', downloadVideo: true }],
];

/** The options that each resource offers while it waits and downloads. */
const OPTIONS: Record<string, string[]> = {
	'Text to Video': [
		'Dry Run',
		'Spending Limit (Seconds)',
		'Download Cover Image',
		'Extra Parameters',
		'File Name',
		'Include Input Fields',
		'Model ID',
		'Order Again When Unsure',
		'Poll Interval (Seconds)',
		'Price per Second',
		'Put Output File in Field',
		'Timeout (Minutes)',
		'Videos at Once',
	],
	Get: [
		'Download Cover Image',
		'File Name',
		'Include Input Fields',
		'Put Output File in Field',
		'Videos at Once',
	],
	Wait: [
		'Download Cover Image',
		'File Name',
		'Include Input Fields',
		'Poll Interval (Seconds)',
		'Put Output File in Field',
		'Timeout (Minutes)',
		'Videos at Once',
	],
};

export const editor: Scenario = {
	name: 'editor',
	needs: ['chromium'],
	checks: [panels, credentials, hints, runFromPanel],
};

/** The credential that each service asks for. A film is made without any. */
const CREDENTIALS: Record<string, string> = {
	iMini: 'Credential for HappyHorse iMini API',
	'Alibaba Model Studio': 'Credential for HappyHorse Alibaba Model Studio API',
};

async function credentials({ inEditor, horse }: World): Promise<void> {
	const { editor } = await inEditor(chain('Credentials', horse('Video', {})), 'Video');
	const asked = async () => await editor.at('credentials-label').allInnerTexts();
	for (const [service, credential] of Object.entries(CREDENTIALS)) {
		await editor.choose('service', service);
		for (const resource of ['Task', 'Video']) {
			await editor.choose('resource', resource);
			deepEqual(await asked(), [credential], `${service}, ${resource}`);
		}
		await editor.picture(`credential-of-${service}`);
	}
	await editor.choose('resource', 'Film');
	const fields = { resource: 'Film', operation: 'Join Videos', binaryPropertyName: 'data' };
	deepEqual(await editor.fields(), fields);
	deepEqual(await asked(), [], 'Film');
	await editor.picture('panel-join-videos');
	await editor.closeNode();
}

async function panels({ inEditor, horse }: World): Promise<void> {
	const { editor } = await inEditor(chain('Panels', horse('Video', {})), 'Video');
	for (const [resource, operation, expected] of PANELS) {
		await editor.choose('resource', resource);
		await editor.choose('operation', operation);
		const fields = { service: 'iMini', resource, operation, ...expected };
		deepEqual(await editor.fields(), fields, `${operation}: fields and defaults`);
		if (OPTIONS[operation]) {
			deepEqual(await editor.optionsOnOffer(), OPTIONS[operation], `${operation}: options`);
		}
		await editor.picture(`panel-${operation}`);
	}
	// Without waiting there is less to choose
	await editor.choose('resource', 'Video');
	await editor.toggle('waitForCompletion');
	const { downloadVideo } = await editor.fields();
	ok(downloadVideo === undefined, 'nothing to download without waiting');
	// The same fields with a file of the input item
	await editor.choose('operation', 'Edit Video');
	await editor.choose('videoSource', 'Binary File');
	ok('videoBinaryPropertyName' in (await editor.fields()));
	await editor.picture('panel-edit-video-from-file');
	await editor.choose('operation', 'Reference to Video');
	await editor.addToList();
	await editor.picture('panel-reference-to-video-with-image');
}

/** The hint beside the output before a run, by node; none of the first. */
const HINTS: Record<string, [parameters: object, hint?: RegExp]> = {
	Plain: [{}],
	'Only a Link': [{ downloadVideo: false }, /^Download Video is off/],
	'Not Waiting': [{ waitForCompletion: false }, /^Wait for Completion is off/],
	'Long Chinese': [{ prompt: '马'.repeat(2501) }, /^Of a Chinese prompt/],
};

async function hints({ inEditor, horse }: World): Promise<void> {
	const nodes = Object.entries(HINTS).map(([name, [parameters]]) =>
		horse(name, { prompt: 'A horse', ...parameters }),
	);
	const { editor, saved } = await inEditor(chain('Hints', ...nodes));
	const every = Object.values(HINTS).flatMap(([, hint]) => hint ?? []);
	for (const [name, [, expected]] of Object.entries(HINTS)) {
		await editor.openWorkflow(saved.id);
		await editor.openNode(name);
		await (expected ? editor.at('output-panel').getByText(expected).waitFor() : editor.settle());
		for (const hint of every) {
			const count = await editor.page.getByText(hint).count();
			equal(count, hint === expected ? 1 : 0, `${name}: ${hint}`);
		}
		await editor.picture(`hint-${name}`);
	}
}

async function runFromPanel({ inEditor, horse }: World): Promise<void> {
	const prompt =
		'A miniature city built from cardboard and bottle caps comes alive at night, with a cardboard train rolling past lit by tiny string lights.';
	const node = horse('HappyHorse', {
		prompt,
		resolution: '720P',
		options: { downloadCover: true },
	});
	const { editor } = await inEditor(chain('Cardboard city', node), 'HappyHorse');
	await editor.execute();
	await editor.showOutput('Binary');
	const view = editor.page.getByRole('button', { name: 'View' });
	await view.first().waitFor();
	await editor.page.getByRole('button', { name: 'Download', exact: true }).first().waitFor();
	await editor.picture('output-binary');
	await view.first().click();
	const video = editor.page.locator('video');
	await video.waitFor();
	ok(await video.evaluate(showSecond), 'the video plays in the editor');
	await editor.picture('output-video');
}

/** Runs in the browser: seeks to the first second of a video. Resolves to whether that works. */
async function showSecond(video: HTMLVideoElement): Promise<boolean> {
	return await new Promise<boolean>((resolve) => {
		video.addEventListener('seeked', () => resolve(true));
		video.addEventListener('error', () => resolve(false));
		video.querySelector('source')?.addEventListener('error', () => resolve(false));
		video.currentTime = 1;
	});
}
