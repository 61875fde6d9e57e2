// The node's panel in the editor: which fields each operation shows, their defaults, and a run from there.
/* eslint-disable @n8n/community-nodes/no-restricted-imports -- a script: it runs in Node, never in n8n */
import { deepEqual,equal,ok } from 'node:assert/strict';
import { join } from 'node:path';
import { chain } from '../../../tools/n8n/workflow';
import type { Editor } from '../editor';
import type { Scenario,World } from '../world';

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
		'Model ID',
		'Order Again When Unsure',
		'Poll Interval (Seconds)',
		'Put Output File in Field',
		'Survive Restarts',
		'Timeout (Minutes)',
		'Videos at Once',
	],
	Get: ['Download Cover Image', 'File Name', 'Put Output File in Field', 'Videos at Once'],
	Wait: [
		'Download Cover Image',
		'File Name',
		'Poll Interval (Seconds)',
		'Put Output File in Field',
		'Survive Restarts',
		'Timeout (Minutes)',
		'Videos at Once',
	],
};

export const editor: Scenario = {
	name: 'editor',
	needs: ['chromium'],
	async run(world) {
		const opened = await world.openEditor();
		await panels(world, opened);
		await hints(world, opened);
		await runFromPanel(world, opened);
	},
};

async function panels({ rest, horse, output }: World, editor: Editor): Promise<void> {
	const saved = await rest.createWorkflow(chain('Panels', horse('Video', {})));
	await editor.openWorkflow(saved.id);
	await editor.openNode('Video');
	for (const [resource, operation, expected] of PANELS) {
		await editor.choose('resource', resource);
		await editor.choose('operation', operation);
		deepEqual(
			await editor.fields(),
			{ service: 'iMini', resource, operation, ...expected },
			`${operation}: fields and defaults`,
		);
		if (OPTIONS[operation]) {
			deepEqual(await editor.optionsOnOffer(), OPTIONS[operation], `${operation}: options`);
		}
		const file = operation.toLowerCase().replaceAll(' ', '-');
		await editor.screenshot(join(output, `panel-${file}.png`));
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
	await editor.screenshot(join(output, 'panel-edit-video-from-file.png'));
	await editor.choose('operation', 'Reference to Video');
	await editor.addToList();
	await editor.screenshot(join(output, 'panel-reference-to-video-with-image.png'));
}

/** The hint beside the output before a run, by node. */
const HINTS: Record<string, [parameters: object, hint: RegExp]> = {
	'Only a Link': [{ downloadVideo: false }, /^Download Video is off/],
	'Not Waiting': [{ waitForCompletion: false }, /^Wait for Completion is off/],
	'Long Chinese': [{ prompt: '马'.repeat(2501) }, /^Of a Chinese prompt/],
};

async function hints({ rest, horse, output }: World, editor: Editor): Promise<void> {
	const prompt = 'A horse';
	const nodes = Object.entries(HINTS).map(([name, [parameters]]) =>
		horse(name, { prompt, ...parameters }),
	);
	const saved = await rest.createWorkflow(chain('Hints', horse('Plain', { prompt }), ...nodes));
	await editor.openWorkflow(saved.id);
	await editor.openNode('Plain');
	await editor.settle();
	const every = Object.values(HINTS).map(([, hint]) => hint);
	for (const hint of every) equal(await editor.page.getByText(hint).count(), 0, String(hint));
	for (const [name, [, expected]] of Object.entries(HINTS)) {
		await editor.openWorkflow(saved.id);
		await editor.openNode(name);
		await editor.at('output-panel').getByText(expected).waitFor();
		for (const hint of every) {
			equal(
				await editor.page.getByText(hint).count(),
				hint === expected ? 1 : 0,
				`${name}: ${hint}`,
			);
		}
		const file = name.toLowerCase().replaceAll(' ', '-');
		await editor.screenshot(join(output, `hint-${file}.png`));
	}
}

async function runFromPanel({ rest, horse, output }: World, editor: Editor): Promise<void> {
	const prompt =
		'A miniature city built from cardboard and bottle caps comes alive at night, with a cardboard train rolling past lit by tiny string lights.';
	const node = horse('HappyHorse', {
		prompt,
		resolution: '720P',
		options: { downloadCover: true },
	});
	const saved = await rest.createWorkflow(chain('Cardboard city', node));
	await editor.openWorkflow(saved.id);
	await editor.openNode('HappyHorse');
	await editor.at('node-execute-button').first().click();
	await editor.showOutput('Binary');
	const view = editor.page.getByRole('button', { name: 'View' });
	await view.first().waitFor();
	await editor.page.getByRole('button', { name: 'Download', exact: true }).first().waitFor();
	await editor.screenshot(join(output, 'output-binary.png'));
	await view.first().click();
	const video = editor.page.locator('video');
	await video.waitFor();
	ok(await video.evaluate(showSecond), 'the video plays in the editor');
	await editor.screenshot(join(output, 'output-video.png'));
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
