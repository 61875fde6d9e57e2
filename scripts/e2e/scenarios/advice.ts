// What a failure tells its user to do in n8n works there: the message, then the same workflow with the advice taken.
/* eslint-disable @n8n/community-nodes/no-restricted-imports -- a script: it runs in Node, never in n8n */
import { equal, match } from 'node:assert/strict';
import { imageFile } from '../../../tools/images';
import { baseNode, chain, errorOf, type WorkflowNode } from '../../../tools/n8n/workflow';
import { serving, succeed } from '../runs';
import type { Scenario, World } from '../world';

export const advice: Scenario = { name: 'advice', needs: ['gm'], checks: [takeAdvice] };

/** A workflow that fails, and what it becomes when n8n's own nodes are used as the failure says. */
type Case = [advises: RegExp, failing: WorkflowNode[], mended: WorkflowNode[]];

/** Asks the service for nothing, and judges links as it would; the simulator lets those to this machine pass. */
const DRY = { options: { dryRun: true } };

const FILE = { imageSource: 'binary' };

/** `url`: where the images are, by name. */
function casesWith({ horse }: World, url: string): Case[] {
	const fetched = (image: string, response: object = { responseFormat: 'file' }) =>
		baseNode('Fetch', 'httpRequest', 4.2, {
			url: `${url}/${image}`,
			options: { response: { response } },
		});
	const video = (parameters: object = FILE) =>
		horse('Video', {
			operation: 'imageToVideo',
			resolution: '720P',
			duration: 3,
			...parameters,
		});
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
	const deep = baseNode('Deep', 'code', 2, {
		jsCode:
			'let json = {}; for (let i = 0; i < 3000; i++) json = { json }; return [{ json: { prompt: "A horse", json } }];',
	});
	const onlyPrompt = baseNode('Edit Fields', 'set', 3.4, {
		assignments: {
			assignments: [{ id: '1', name: 'prompt', value: '={{ $json.prompt }}', type: 'string' }],
		},
	});
	const ofPrompt = video({ operation: 'textToVideo', prompt: '={{ $json.prompt }}' });
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
	await serving(
		({ url = '' }, response) => {
			response.setHeader('content-type', 'application/octet-stream').end(images[url]);
		},
		async (url) => {
			for (const [advises, failing, mended] of casesWith(world, url)) {
				const before = world.simulator.tasks.size;
				const failed = await world.rest.runToEnd(chain('Failing', ...failing));
				match(String(errorOf(failed)?.description), advises);
				equal(world.simulator.tasks.size, before, 'what fails orders nothing');
				await succeed(world, chain(`Mended: ${advises.source}`, ...mended));
			}
		},
	);
}
