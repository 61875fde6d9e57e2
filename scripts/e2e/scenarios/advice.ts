// What a failure tells its user to do in n8n works there: the message, then the same workflow with the advice taken.
/* eslint-disable @n8n/community-nodes/no-restricted-imports -- a script: it runs in Node, never in n8n */
import { equal, match } from 'node:assert/strict';
import { imageFile } from '../../../tools/images';
import { close, listen, newServer, portOf } from '../../../tools/simulator/http';
import { baseNode, chain, errorOf, type WorkflowNode } from '../../../tools/n8n/workflow';
import type { Scenario, World } from '../world';

export const advice: Scenario = { name: 'advice', needs: ['gm'], run: takeAdvice };

interface Case {
	readonly file: Buffer;
	/** What HTTP Request is told about the response. */
	readonly response: object;
	readonly says: RegExp;
	readonly advises: RegExp;
	/** The nodes before HappyHorse, once the advice is taken; `fetch` is HTTP Request with a file as its output. */
	taken(this: void, fetch: WorkflowNode): WorkflowNode[];
}

const asFile = { responseFormat: 'file' };

const editImage = (parameters: object) => baseNode('Edit Image', 'editImage', 1, { ...parameters });

async function cases(): Promise<Case[]> {
	const image = { file: await imageFile('png', 400, 400), response: asFile };
	return [
		{
			...image,
			file: await imageFile('png', 200, 200),
			says: /200 × 200 pixels/,
			advises: /Edit Image before this one, with the operation Resize/,
			taken: (fetch) => [fetch, editImage({ operation: 'resize', width: 400, height: 400 })],
		},
		{
			...image,
			file: await imageFile('png', 1200, 400),
			says: /1200 × 400 pixels/,
			advises: /Edit Image before this one, with the operation Crop/,
			taken: (fetch) => [fetch, editImage({ operation: 'crop', width: 400, height: 400 })],
		},
		{
			...image,
			file: await imageFile('gif', 400, 400),
			says: /GIF/,
			advises: /Edit Image before this one, with its option Format set to JPEG/,
			taken: (fetch) => [
				fetch,
				editImage({ operation: 'resize', width: 400, height: 400, options: { format: 'jpeg' } }),
			],
		},
		{
			...image,
			response: { responseFormat: 'text', outputPropertyName: 'data' },
			says: /holds no file|no file/,
			advises: /In an HTTP Request node, set Response Format to File/,
			taken: (fetch) => [fetch],
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
	const port = portOf(server);
	const video = horse('Video', {
		operation: 'imageToVideo',
		imageSource: 'binary',
		resolution: '720P',
		duration: 3,
	});
	try {
		for (const [index, { response, says, advises, taken }] of all.entries()) {
			const fetch = (what: object) =>
				baseNode('Fetch', 'httpRequest', 4.2, {
					url: `http://127.0.0.1:${port}/${index}`,
					options: { response: { response: what } },
				});
			const failed = await rest.runToEnd(chain('Not yet', fetch(response), video));
			const error = errorOf(failed);
			match(error?.message ?? '', says);
			match(String(error?.description), advises);
			equal(simulator.tasks.size, index, 'what fails orders nothing');
			const done = await rest.runToEnd(chain('Advice taken', ...taken(fetch(asFile)), video));
			equal(done.status, 'success', `${says.source}: ${JSON.stringify(errorOf(done))}`);
		}
		equal(simulator.tasks.size, all.length);
	} finally {
		await close(server);
	}
}
