// What a failure tells its user to do in n8n works there: the message, then the same workflow with the advice taken.
/* eslint-disable @n8n/community-nodes/no-restricted-imports -- a script: it runs in Node, never in n8n */
import { equal, match } from 'node:assert/strict';
import { imageFile } from '../../../tools/images';
import {
	baseNode,
	chain,
	errorOf,
	itemsOf,
	type Execution,
	type WorkflowNode,
} from '../../../tools/n8n/workflow';
import { close, listen, newServer, portOf } from '../../../tools/simulator/http';
import type { Simulator } from '../../../tools/simulator/simulator';
import type { Scenario, World } from '../world';

export const advice: Scenario = {
	name: 'advice',
	needs: ['gm'],
	checks: [takeAdvice, retryAsTold],
};

/** What the workflows of a case are made of. */
interface Parts {
	/** The case's file. */
	readonly url: string;
	/** HTTP Request for that file, with a file as its output or with what `response` says. */
	fetch(this: void, response?: object): WorkflowNode;
	/** HappyHorse, with the input file as its image unless `parameters` say otherwise. */
	video(this: void, parameters?: object): WorkflowNode;
}

interface Case {
	readonly file: Buffer;
	readonly says: RegExp;
	readonly advises: RegExp;
	failing(this: void, parts: Parts): WorkflowNode[];
	/** The same workflow with the advice taken. */
	mended(this: void, parts: Parts): WorkflowNode[];
}

const editImage = (parameters: object) => baseNode('Edit Image', 'editImage', 1, { ...parameters });

/** Code that puts out one item, whose json is what the JavaScript `of` evaluates to. */
const item = (of: string) => baseNode('Item', 'code', 2, { jsCode: `return [{ json: ${of} }]` });

/** Edit Fields (Set) that leaves the prompt alone. */
const onlyPrompt = baseNode('Edit Fields', 'set', 3.4, {
	assignments: {
		assignments: [{ id: '1', name: 'prompt', value: '={{ $json.prompt }}', type: 'string' }],
	},
});

const textToVideo = (prompt: string) => ({ operation: 'textToVideo', prompt });

/** n8n's file becomes base64 in the field `data`. */
const toBase64 = baseNode('Base64', 'extractFromFile', 1, { operation: 'binaryToPropery' });

/** A dry run judges links as the real service would; the simulator lets those to this machine pass. */
const DRY = { options: { dryRun: true } };

async function cases(): Promise<Case[]> {
	const good = await imageFile('png', 400, 400);
	const fromFile = ({ fetch, video }: Parts) => [fetch(), video()];
	const edited = (parameters: object) => (parts: Parts) => [
		parts.fetch(),
		editImage(parameters),
		parts.video(),
	];
	const toBinary = ({ fetch, video }: Parts) => [fetch(), video(DRY)];
	const imageUrl = (url: string) => ({ imageSource: 'url', imageUrl: url });
	const scene = item('{ scene: { title: "a horse", mood: "calm" } }');
	const nested = item(
		'(() => { let json = {}; for (let i = 0; i < 3000; i++) json = { json }; return { prompt: "A horse", json }; })()',
	);
	const size = { width: 400, height: 400 };
	return [
		{
			file: await imageFile('png', 200, 200),
			says: /200 × 200 pixels/,
			advises: /Edit Image before this one, with the operation Resize/,
			failing: fromFile,
			mended: edited({ operation: 'resize', ...size }),
		},
		{
			file: await imageFile('png', 1200, 400),
			says: /1200 × 400 pixels/,
			advises: /Edit Image before this one, with the operation Crop/,
			failing: fromFile,
			mended: edited({ operation: 'crop', ...size }),
		},
		{
			file: await imageFile('gif', 400, 400),
			says: /GIF/,
			advises: /Edit Image before this one, with its option Format set to JPEG/,
			failing: fromFile,
			mended: edited({ operation: 'resize', ...size, options: { format: 'jpeg' } }),
		},
		{
			file: good,
			says: /no file/,
			advises: /In an HTTP Request node, set Response Format to File/,
			failing: ({ fetch, video }) => [
				fetch({ responseFormat: 'text', outputPropertyName: 'data' }),
				video(),
			],
			mended: fromFile,
		},
		{
			file: good,
			says: /is not on the internet/,
			advises: /Choose Binary File as the source.*HTTP Request can fetch it/,
			failing: ({ url, video }) => [video({ ...DRY, imageSource: 'url', imageUrl: url })],
			mended: toBinary,
		},
		{
			file: good,
			says: /opens a page of Google Drive/,
			advises: /choose Binary File as the source/,
			failing: ({ video }) => [
				video({
					...DRY,
					imageSource: 'url',
					imageUrl: 'https://drive.google.com/file/d/1a2b3c4d5e6f/view',
				}),
			],
			mended: toBinary,
		},
		{
			file: good,
			says: /no file in the field "photo"/,
			advises: /Name a field that holds a file: "data"/,
			failing: ({ fetch, video }) => [fetch(), video({ binaryPropertyName: 'photo' })],
			mended: ({ fetch, video }) => [fetch(), video({ binaryPropertyName: 'data' })],
		},
		{
			file: good,
			says: /must be a link, but is a file/,
			advises: /Choose Binary File as the source: the field "Input Binary Field" takes the same/,
			failing: ({ fetch, video }) => [fetch(), video(imageUrl('={{ $binary.data }}'))],
			mended: ({ fetch, video }) => [fetch(), video({ binaryPropertyName: '={{ $binary.data }}' })],
		},
		{
			file: good,
			says: /must be a URL that starts with https/,
			advises: /put data:image\/png;base64, before the content/,
			failing: ({ fetch, video }) => [fetch(), toBase64, video(imageUrl('={{ $json.data }}'))],
			mended: ({ fetch, video }) => [
				fetch(),
				toBase64,
				video(imageUrl('=data:image/png;base64,{{ $json.data }}')),
			],
		},
		{
			file: good,
			says: /\[object Object\]/,
			advises: /Name the part of the object that you mean.*or write JSON.stringify/,
			failing: ({ video }) => [scene, video(textToVideo('=A film of {{ $json.scene }}'))],
			mended: ({ video }) => [
				scene,
				video(textToVideo('=A film of {{ $json.scene.title }}, {{ JSON.stringify($json.scene) }}')),
			],
		},
		{
			file: good,
			says: /nested too deeply/,
			advises: /an Edit Fields \(Set\) node before this one keeps only what is needed/,
			failing: ({ video }) => [nested, video(textToVideo('={{ $json.prompt }}'))],
			mended: ({ video }) => [nested, onlyPrompt, video(textToVideo('={{ $json.prompt }}'))],
		},
	];
}

async function takeAdvice({ rest, horse, simulator }: World): Promise<void> {
	const all = await cases();
	const server = newServer().on('request', (request, response) => {
		response.setHeader('content-type', 'application/octet-stream');
		response.end(all[Number(request.url?.slice(1))].file);
	});
	await listen(server, 0);
	try {
		for (const [index, { says, advises, failing, mended }] of all.entries()) {
			const url = `http://127.0.0.1:${portOf(server)}/${index}`;
			const parts: Parts = {
				url,
				fetch: (response = { responseFormat: 'file' }) =>
					baseNode('Fetch', 'httpRequest', 4.2, {
						url,
						options: { response: { response } },
					}),
				video: (parameters) =>
					horse('Video', {
						operation: 'imageToVideo',
						imageSource: 'binary',
						resolution: '720P',
						duration: 3,
						...parameters,
					}),
			};
			const before = simulator.tasks.size;
			const failed = await rest.runToEnd(chain('Failing', ...failing(parts)));
			const error = errorOf(failed);
			match(error?.message ?? '', says);
			match(String(error?.description), advises);
			equal(simulator.tasks.size, before, 'what fails orders nothing');
			const done = await rest.runToEnd(chain('Mended', ...mended(parts)));
			equal(done.status, 'success', `${says.source}: ${JSON.stringify(errorOf(done))}`);
		}
	} finally {
		await close(server);
	}
}

/** A run that fails, what is then changed as its message says, and how it goes on. */
interface Retried {
	prepare(this: void, simulator: Simulator): void;
	/** Of the first run. */
	readonly parameters?: object;
	readonly says: RegExp;
	readonly advises: RegExp;
	/** What happens outside of n8n in between. */
	readonly meanwhile?: (this: void, simulator: Simulator) => void;
	/** The parameters of the node when it is retried; Task → Wait is a workflow of its own, with the task's id. */
	readonly retry: object | 'wait';
	/** Tasks that are paid for in the end. */
	readonly tasks: number;
}

const never = (simulator: Simulator) => {
	simulator.outcomes.push({ outcome: { result: 'never' } });
};

const finishAll = ({ tasks }: Simulator) => {
	for (const task of tasks.values()) task.outcome = { afterSeconds: 0 };
};

const SOON = { timeout: 0.05, pollInterval: 1 };

const RETRIED: Retried[] = [
	{
		prepare: () => {},
		parameters: { duration: 5, options: { maxTotalSeconds: 4 } },
		says: /^Spending Limit \(Seconds\) is 4/,
		advises: /Raise the Spending Limit in Options/,
		retry: { duration: 5, options: { maxTotalSeconds: 5 } },
		tasks: 1,
	},
	{
		prepare: ({ faults }) => {
			faults.push({ on: 'submit', fault: { kind: 'reset', when: 'after-read', accepted: true } });
		},
		says: /^The video may have been ordered/,
		advises: /turn on the option "Order Again When Unsure" and retry/,
		retry: { options: { resubmitWhenUnsure: true } },
		tasks: 2,
	},
	{
		prepare: ({ faults }) => {
			faults.push({ on: 'submit', fault: { kind: 'status', status: 402 } });
		},
		says: /has not enough credits/,
		advises: /Add credits at .*, then run this again/,
		retry: {},
		tasks: 1,
	},
	{
		prepare: never,
		parameters: { options: SOON },
		says: /^The video was not ready/,
		advises: /put the ID into Task → Wait/,
		meanwhile: finishAll,
		retry: 'wait',
		tasks: 1,
	},
	{
		prepare: never,
		parameters: { options: SOON },
		says: /^The video was not ready/,
		advises: /Press Retry in the list of executions: it delivers it/,
		meanwhile: finishAll,
		retry: { options: SOON },
		tasks: 1,
	},
	{
		prepare: ({ faults }) => {
			faults.push({ on: 'query', fault: { kind: 'status', status: 401 }, times: 9 });
		},
		says: /does not accept the API key, so task task_\d+ can't be looked at/,
		advises: /Check the API key/,
		meanwhile: ({ faults }) => {
			faults.length = 0;
		},
		retry: {},
		tasks: 1,
	},
	{
		prepare: ({ faults }) => {
			const match = ({ path }: { path: string }) => path.endsWith('.jpg');
			faults.push({ on: 'media', match, fault: { kind: 'status', status: 410 }, times: 9 });
		},
		parameters: { options: { downloadCover: true } },
		says: /^The cover image of task task_\d+ could not be downloaded/,
		advises: /it delivers it and orders nothing/,
		retry: {},
		tasks: 1,
	},
];

async function retryAsTold({ rest, horse, simulator }: World): Promise<void> {
	const check = (execution: Execution, what: string) => {
		equal(execution.status, 'success', `${what}: ${JSON.stringify(errorOf(execution))}`);
		return itemsOf(execution, 'Video')[0];
	};
	for (const { prepare, parameters, says, advises, meanwhile, retry, tasks } of RETRIED) {
		simulator.reset();
		prepare(simulator);
		const video = (more?: object) =>
			horse('Video', { prompt: 'A horse', resolution: '720P', duration: 3, ...more });
		const saved = await rest.createWorkflow(chain(says.source, video(parameters)));
		const failed = await rest.ended(await rest.run(saved, 'Start'));
		const error = errorOf(failed);
		match(error?.message ?? '', says);
		match(String(error?.description), advises);
		meanwhile?.(simulator);
		if (retry === 'wait') {
			const [taskId] = /task_\d+/.exec(error?.message ?? '') ?? [];
			const wait = horse('Video', { resource: 'task', operation: 'wait', taskId });
			const { json } = check(await rest.runToEnd(chain('Wait', wait)), advises.source);
			equal(json.task_id, taskId);
		} else {
			await rest.changeWorkflow(saved, chain(says.source, video(retry)));
			const retried = await rest.retry(failed.id, { loadWorkflow: true });
			const { binary } = check(await rest.ended(retried), advises.source);
			equal(binary.data.mimeType, 'video/mp4');
		}
		equal(simulator.tasks.size, tasks, `${advises.source}: tasks`);
	}
}
