// The node's panel in the editor: what it shows for each choice is what the description says, and a run from there.
/* eslint-disable @n8n/community-nodes/no-restricted-imports -- a script: it runs in Node, never in n8n */
import { deepEqual, equal, ok } from 'node:assert/strict';
import { NodeHelpers, type INodeParameters } from 'n8n-workflow';
import { HappyHorseApi } from '../../../credentials/HappyHorseApi.credentials';
import { HappyHorseModelStudioApi } from '../../../credentials/HappyHorseModelStudioApi.credentials';
import { properties } from '../../../nodes/HappyHorse/description';
// With its extension: without one, tsx takes the codex file beside it, HappyHorse.node.json
import { HappyHorse } from '../../../nodes/HappyHorse/HappyHorse.node.js';
import {
	atRunTime,
	entries,
	nodeType,
	nodeWith,
	offeredOptions,
	shownFields,
} from '../../../test/description/editor';
import { chain } from '../../../tools/n8n/workflow';
import type { Editor } from '../editor';
import type { Scenario, World } from '../world';

export const editor: Scenario = {
	name: 'editor',
	needs: ['chromium'],
	checks: [panels, choosing, hints, runFromPanel],
};

/** Of the browser's window while whole panels are looked at. */
const TALL = { width: 1440, height: 1700 };

type Showable = Parameters<typeof NodeHelpers.displayParameter>[1];

/** Whether the editor shows something while these parameters are chosen. */
function isShown(chosen: INodeParameters, what: Showable): boolean {
	return NodeHelpers.displayParameter(atRunTime(chosen), what, nodeWith(chosen), nodeType);
}

/** `chosen` with each entry of a list, or by itself where there is no such list. */
function eachOf(name: string, chosen: INodeParameters): INodeParameters[] {
	const list = shownFields(chosen).find((field) => field.name === name);
	if (list === undefined) return [chosen];
	const shown = entries(list).filter((entry) => isShown(chosen, entry));
	return shown.map(({ value }) => ({ ...chosen, [name]: value }));
}

/** Every operation of every service, with files, and with all options. */
function everyChoice(): INodeParameters[] {
	const services = eachOf('service', {});
	return [
		...eachOf('resource', {})
			.flatMap((chosen) => eachOf('service', chosen))
			.flatMap((chosen) => eachOf('operation', chosen)),
		...services.flatMap((service) => [
			{ ...service, operation: 'imageToVideo', imageSource: 'binary' },
			{ ...service, operation: 'editVideo', videoSource: 'binary' },
		]),
		...services.map((service) => {
			const options = offeredOptions(service).map((one) => [one.name, one.default]);
			return { ...service, options: Object.fromEntries(options) };
		}),
	];
}

/** The fields of the panel itself, as {@link Editor.fields} reads them: lists show labels, switches are booleans. */
function inputsOf(chosen: INodeParameters): object {
	const values = atRunTime(chosen);
	const inputs = shownFields(chosen).filter(({ type }) => !COMPOSED.includes(type));
	return Object.fromEntries(
		inputs.map((field) => {
			const value = values[field.name];
			const label = entries(field).find((entry) => entry.value === value)?.name;
			return [field.name, typeof value === 'boolean' ? value : (label ?? String(value))];
		}),
	);
}

const COMPOSED = ['notice', 'collection', 'fixedCollection'];

/** Looks at the panel of a node, which is open. */
async function checkPanel(editor: Editor, name: string, chosen: INodeParameters): Promise<void> {
	const fields = Object.entries(await editor.fields());
	const own = fields.filter(([field]) => properties.some((one) => one.name === field));
	deepEqual(Object.fromEntries(own), inputsOf(chosen), `${name}: fields and defaults`);

	const text = await editor.at('node-parameters').first().innerText();
	const offered = offeredOptions(chosen);
	const inSight = [...shownFields(chosen), ...(chosen.options ? offered : [])];
	for (const { hint = '' } of inSight) ok(text.includes(hint), `${name}: ${hint}`);
	for (const notice of properties.filter(({ type }) => type === 'notice')) {
		const isThere = text.includes(notice.displayName);
		equal(isThere, isShown(chosen, notice), `${name}: ${notice.name}`);
	}

	const { credentials = [] } = new HappyHorse().description;
	const asked = credentials.filter((one) => isShown(chosen, one)).map((one) => one.name);
	const labels = [new HappyHorseApi(), new HappyHorseModelStudioApi()]
		.filter((one) => asked.includes(one.name))
		.map(({ displayName }) => `Credential for ${displayName}`);
	deepEqual(await editor.at('credentials-label').allInnerTexts(), labels, name);

	if (chosen.options) return;
	const options = offered.map(({ displayName }) => displayName);
	deepEqual(options.length > 0 ? await editor.optionsOnOffer() : [], options, `${name}: options`);
}

async function panels({ inEditor, horse }: World): Promise<void> {
	const all = everyChoice().map((chosen) => {
		// No name begins another: n8n finds a node by the beginning of its ID, which is its name here
		const words = Object.values(chosen).map((one) => (typeof one === 'string' ? one : 'options'));
		return { name: words.join(' '), chosen };
	});
	const nodes = all.map(({ name, chosen }) => horse(name, chosen));
	const { editor } = await inEditor(chain('Panels', ...nodes));
	const usual = editor.page.viewportSize();
	await editor.page.setViewportSize(TALL);
	for (const { name, chosen } of all) {
		await editor.openNode(name);
		await checkPanel(editor, name, chosen);
		await editor.picture(`panel-${name}`);
		await editor.closeNode();
	}
	if (usual) await editor.page.setViewportSize(usual);
}

/** The panel follows what is chosen in it. */
async function choosing({ inEditor, horse }: World): Promise<void> {
	const { editor } = await inEditor(chain('Choosing', horse('Video', {})), 'Video');
	await editor.choose('service', 'Alibaba Model Studio');
	await editor.choose('resource', 'Task');
	await editor.choose('operation', 'Cancel');
	const cancel = { service: 'modelStudio', resource: 'task', operation: 'cancel' };
	await checkPanel(editor, 'Cancel', cancel);
	await editor.choose('resource', 'Video');
	await editor.choose('operation', 'Reference to Video');
	await editor.click('fixed-collection-add');
	await editor.click('parameter-input-waitForCompletion');
	const { url, downloadVideo } = await editor.fields();
	deepEqual([url, downloadVideo], ['', undefined], 'nothing to download without waiting');
	await editor.picture('panel-reference-to-video-with-image');
	await editor.closeNode();
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
	await editor.click('node-execute-button');
	const view = await editor.fileInOutput();
	await editor.page.getByRole('button', { name: 'Download', exact: true }).first().waitFor();
	await editor.picture('output-binary');
	await view.click();
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
