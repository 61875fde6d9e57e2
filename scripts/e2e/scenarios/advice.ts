// What a failure tells its user to do in n8n works there: the message, then the same workflow with the advice taken.
/* eslint-disable @n8n/community-nodes/no-restricted-imports -- a script: it runs in Node, never in n8n */
import { equal, match } from 'node:assert/strict';
import type { RequestListener } from 'node:http';
import { imageFile } from '../../../tools/images';
import { baseNode, chain, errorOf, itemsOf, type WorkflowNode } from '../../../tools/n8n/workflow';
import type { Simulator } from '../../../tools/simulator/simulator';
import { good, serving, succeed } from '../runs';
import type { Scenario, World } from '../world';

export const advice: Scenario = {
	name: 'advice',
	needs: ['gm'],
	checks: [takeAdvice, retryAsTold],
};

/** A workflow that fails, and what it becomes when n8n's own nodes are used as the failure says. */
type Case = [advises: RegExp, failing: WorkflowNode[], mended: WorkflowNode[]];

/** Asks the service for nothing, and judges links as it would; the simulator lets those to this machine pass. */
const DRY = { options: { dryRun: true } };

const FILE = { imageSource: 'binary' };

const USUAL = { operation: 'imageToVideo', resolution: '720P', duration: 3 };

/** `url`: where the images are, by name. */
function casesWith({ horse }: World, url: string): Case[] {
	const fetched = (image: string, response: object = { responseFormat: 'file' }) =>
		baseNode('Fetch', 'httpRequest', 4.2, {
			url: `${url}/${image}`,
			options: { response: { response } },
		});
	const video = (parameters: object = FILE) => horse('Video', { ...USUAL, ...parameters });
	const link = (imageUrl: string) => video({ imageUrl });
	const edited = (image: string, parameters: object): [WorkflowNode[], WorkflowNode[]] => [
		[fetched(image), video()],
		[
			fetched(image),
			baseNode('Edit Image', 'editImage', 1, { width: 400, height: 400, ...parameters }),
			video(),
		],
	];
	const base64 = baseNode('Base64', 'extractFromFile', 1, { operation: 'binaryToPropery' });
	const coded = (jsCode: string) => baseNode('Code', 'code', 2, { jsCode });
	const deep = coded(
		'let json = {}; for (let i = 0; i < 3000; i++) json = { json }; return [{ json: { prompt: "A horse", json } }];',
	);
	const scene = coded('return [{ json: { scene: { title: "a horse", mood: "calm" } } }];');
	const onlyPrompt = baseNode('Edit Fields', 'set', 3.4, {
		assignments: {
			assignments: [{ id: '1', name: 'prompt', value: '={{ $json.prompt }}', type: 'string' }],
		},
	});
	const words = (prompt: string) => video({ operation: 'textToVideo', prompt });
	const ofPrompt = words('={{ $json.prompt }}');
	const field = (binaryPropertyName: string) => video({ ...FILE, binaryPropertyName });
	return [
		[/with the operation Resize/, ...edited('small', { operation: 'resize' })],
		[/with the operation Crop/, ...edited('wide', { operation: 'crop' })],
		[
			/with its option Format set to JPEG/,
			...edited('gif', { operation: 'resize', options: { format: 'jpeg' } }),
		],
		[
			/In an HTTP Request node, set Response Format to File/,
			[fetched('good', { responseFormat: 'text', outputPropertyName: 'data' }), video()],
			[fetched('good'), video()],
		],
		[
			/Choose Binary File as the source.*HTTP Request can fetch it/,
			[video({ ...DRY, imageUrl: `${url}/good` })],
			[fetched('good'), video({ ...DRY, ...FILE })],
		],
		[
			/choose Binary File as the source/,
			[video({ ...DRY, imageUrl: 'https://drive.google.com/file/d/1a2b3c4d5e6f/view' })],
			[fetched('good'), video({ ...DRY, ...FILE })],
		],
		[
			/Name a field that holds a file: "data"/,
			[fetched('good'), field('photo')],
			[fetched('good'), field('data')],
		],
		[
			/Choose Binary File as the source: the field "Input Binary Field" takes the same/,
			[fetched('good'), link('={{ $binary.data }}')],
			[fetched('good'), field('={{ $binary.data }}')],
		],
		[
			/Name the part of the object that you mean.*or write JSON.stringify/,
			[scene, words('=A film of {{ $json.scene }}')],
			[scene, words('=A film of {{ $json.scene.title }}, {{ JSON.stringify($json.scene) }}')],
		],
		[
			/put data:image\/png;base64, before the content/,
			[fetched('good'), base64, link('={{ $json.data }}')],
			[fetched('good'), base64, link('=data:image/png;base64,{{ $json.data }}')],
		],
		[
			/an Edit Fields \(Set\) node before this one keeps only what is needed/,
			[deep, ofPrompt],
			[deep, onlyPrompt, ofPrompt],
		],
	];
}

async function takeAdvice(world: World): Promise<void> {
	const images: Record<string, Buffer> = {
		'/small': await imageFile('png', 200, 200),
		'/wide': await imageFile('png', 1200, 400),
		'/gif': await imageFile('gif', 400, 400),
		'/good': await imageFile('png', 400, 400),
	};
	const answer: RequestListener = ({ url = '' }, response) => {
		response.setHeader('content-type', 'application/octet-stream').end(images[url]);
	};
	await serving(answer, async (url) => {
		for (const [advises, failing, mended] of casesWith(world, url)) {
			const before = world.simulator.tasks.size;
			const failed = await world.rest.runToEnd(chain('Failing', ...failing));
			match(String(errorOf(failed)?.description), advises);
			equal(world.simulator.tasks.size, before, 'what fails orders nothing');
			await succeed(world, chain(`Mended: ${advises.source}`, ...mended));
		}
	});
}

/** A run that fails, and a Retry of it once the advice is taken. */
interface Retried {
	readonly advises: RegExp;
	/** What goes wrong. */
	before?(this: void, simulator: Simulator): void;
	/** What happens outside of n8n before the Retry. */
	meanwhile?(this: void, simulator: Simulator): void;
	/** Options of the node, before and then. */
	readonly options?: object;
	readonly then?: object;
	/** Orders that there are in the end; 1 unless it says so. */
	readonly orders?: number;
}

const fails =
	(on: 'submit' | 'query' | 'media', status: number, times = 1, suffix = '') =>
	({ faults }: Simulator): void => {
		const match = ({ path }: { path: string }) => path.endsWith(suffix);
		faults.push({ on, match, fault: { kind: 'status', status }, times });
	};

const SOON = { timeout: 0.05, pollInterval: 1 };

const RETRIED: Retried[] = [
	{
		advises: /Raise the Spending Limit in Options/,
		options: { maxTotalSeconds: 2 },
		then: { maxTotalSeconds: 3 },
	},
	{
		advises: /turn on the option "Order Again When Unsure" and retry/,
		before: ({ faults }) => {
			faults.push({ on: 'submit', fault: { kind: 'reset', when: 'after-read', accepted: true } });
		},
		then: { resubmitWhenUnsure: true },
		orders: 2,
	},
	{ advises: /Add credits at .*, then run this again/, before: fails('submit', 402) },
	{
		advises: /Press Retry in the list of executions: it delivers it/,
		before: ({ outcomes }) => {
			outcomes.push({ outcome: { result: 'never' } });
		},
		meanwhile: ({ tasks }) => {
			for (const task of tasks.values()) task.outcome = { afterSeconds: 0 };
		},
		options: SOON,
		then: SOON,
	},
	{
		advises: /Check the API key/,
		before: fails('query', 401, 9),
		meanwhile: ({ faults }) => {
			faults.length = 0;
		},
	},
	{
		advises: /it delivers it and orders nothing/,
		before: fails('media', 410, 9, '.jpg'),
		options: { downloadCover: true },
	},
];

/** What is changed in the node as a failure says holds for a Retry with the workflow as it is saved now. */
async function retryAsTold({ rest, horse, simulator }: World): Promise<void> {
	for (const { advises, before, meanwhile, options, then, orders = 1 } of RETRIED) {
		simulator.reset();
		before?.(simulator);
		const video = (given = {}) =>
			chain(advises.source, horse('Video', { prompt: 'A horse', duration: 3, options: given }));
		const saved = await rest.createWorkflow(video(options));
		const failed = await rest.ended(await rest.run(saved, 'Start'));
		match(String(errorOf(failed)?.description), advises);
		meanwhile?.(simulator);
		await rest.changeWorkflow(saved, video(then));
		const retried = await rest.ended(await rest.retry(failed.id, { loadWorkflow: true }));
		const [{ binary }] = itemsOf(good(retried, advises.source), 'Video');
		equal(binary.data.mimeType, 'video/mp4');
		equal(simulator.tasks.size, orders, `${advises.source}: orders`);
	}
}
