// What a failure tells its user to do in n8n works there: the message, then the same workflow with the advice taken.
/* eslint-disable @n8n/community-nodes/no-restricted-imports -- a script: it runs in Node, never in n8n */
import { equal, match } from 'node:assert/strict';
import { imageFile } from '../../../tools/images';
import { baseNode, chain, errorOf, type WorkflowNode } from '../../../tools/n8n/workflow';
import { close, listen, newServer, portOf } from '../../../tools/simulator/http';
import type { Scenario, World } from '../world';

export const advice: Scenario = { name: 'advice', needs: ['gm'], checks: [takeAdvice] };

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
