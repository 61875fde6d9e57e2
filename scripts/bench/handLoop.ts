// The loop that people build by hand: submit a batch (HTTP Request, with Retry On Fail), wait 10 s (Wait), poll (HTTP Request), loop (If).
/* eslint-disable @n8n/community-nodes/no-restricted-imports -- a benchmark: it runs in Node, never in n8n */
import { setTimeout as pause } from 'node:timers/promises';
import type {
	IBinaryKeyData,
	IDataObject,
	IExecuteFunctions,
	IHttpRequestOptions,
	INodeExecutionData,
	INodeType,
} from 'n8n-workflow';
import { describeNode } from '../../tools/engine/engine';
import { HAND_RETRY } from './load';

const CREDENTIAL = 'happyHorseApi';

async function call(context: IExecuteFunctions, options: IHttpRequestOptions) {
	return (await context.helpers.httpRequestWithAuthentication.call(context, CREDENTIAL, {
		json: true,
		returnFullResponse: true,
		ignoreHttpStatusErrors: true,
		...options,
	})) as {
		statusCode: number;
		body: { task_id: string; status: string; videos: Array<{ url: string }> };
	};
}

/** The item's files as "Extract from File" and "Edit Fields" make them: base64 in the JSON. */
async function imagesOf(context: IExecuteFunctions, index: number, binary: IBinaryKeyData = {}) {
	const images: IDataObject[] = [];
	for (const field of Object.keys(binary)) {
		const file = await context.helpers.getBinaryDataBuffer(index, field);
		const url = `data:image/jpeg;base64,${file.toString('base64')}`;
		images.push({ url, reference_type: 'asset' });
	}
	return images.length > 0 ? { reference_images: images } : {};
}

/** What the HTTP Request node does with Response Format = File. */
async function download(context: IExecuteFunctions, url: string): Promise<IBinaryKeyData> {
	const { body } = await context.helpers.httpRequest({
		url,
		encoding: 'stream',
		returnFullResponse: true,
	});
	return { data: await context.helpers.prepareBinaryData(body, 'video.mp4', 'video/mp4') };
}

/** That workflow as one node: each step takes all items of a batch at once, as those nodes do. */
export class HandLoop implements INodeType {
	description = describeNode('By Hand', {
		credentials: [{ name: CREDENTIAL, required: true }],
		properties: [
			{ displayName: 'Base URL', name: 'baseUrl', type: 'string', default: '' },
			{ displayName: 'Prompt', name: 'prompt', type: 'string', default: '' },
			{ displayName: 'Batch Size', name: 'batchSize', type: 'number', default: 10 },
			{ displayName: 'Wait (Seconds)', name: 'wait', type: 'number', default: 10 },
			{ displayName: 'Download', name: 'download', type: 'boolean', default: true },
		],
	});

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		const baseUrl = String(this.getNodeParameter('baseUrl', 0));
		const batchSize = Number(this.getNodeParameter('batchSize', 0));
		const wait = Number(this.getNodeParameter('wait', 0)) * 1000;
		const input = [...this.getInputData().entries()];
		const output: INodeExecutionData[] = [];

		for (let start = 0; start < input.length; start += batchSize) {
			const bodies: IDataObject[] = [];
			for (const [index, { binary }] of input.slice(start, start + batchSize)) {
				bodies.push({
					model: 'dashscope/happyhorse-1.0',
					prompt: this.getNodeParameter('prompt', 0),
					...(await imagesOf(this, index, binary)),
				});
			}
			const url = `${baseUrl}/v1/videos`;
			// Kinder than n8n, which makes all requests of a batch again where one fails; what fails to the end is lost
			const submit = async (body: IDataObject) => {
				for (let tries = 1; tries <= HAND_RETRY.tries; tries += 1) {
					if (tries > 1) await pause(HAND_RETRY.seconds * 1000);
					const ordered = await call(this, { method: 'POST', url: `${url}/generate`, body });
					if (ordered.statusCode === 200) return [ordered.body.task_id];
				}
				return [];
			};
			let left = (await Promise.all(bodies.map(submit))).flat();
			const links: string[] = [];
			while (left.length > 0) {
				await pause(wait);
				const poll = async (id: string) => await call(this, { url: `${url}/tasks/${id}` });
				const answers = await Promise.all(left.map(poll));
				// Polls that were rate limited are made again next time
				const isDone = answers.map(
					({ statusCode, body }) => statusCode === 200 && body.status === 'succeeded',
				);
				for (const [at, { body }] of answers.entries())
					if (isDone[at]) links.push(body.videos[0].url);
				left = left.filter((_id, at) => !isDone[at]);
			}
			const isWanted = this.getNodeParameter('download', 0) === true;
			const item = async (link: string) =>
				isWanted ? { json: {}, binary: await download(this, link) } : { json: { link } };
			output.push(...(await Promise.all(links.map(item))));
		}
		return [output];
	}
}
