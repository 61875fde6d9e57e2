// Secrets: key, signatures and images are in no message, log or saved data, and no log line quotes a prompt, even if the
// service quotes them in its answers.
import { stringify } from 'flatted';
import type { IDataObject, INodeParameters } from 'n8n-workflow';
import { dataUrl, noisyImage } from '../../tools/images';
import type { Fault } from '../../tools/simulator/simulator';
import { errorOf, useFaultWorld } from './faults/scene';
import type { Execution, LogLine, NodeRequest } from '../../tools/engine/engine';
import { SUBJECT } from '../../tools/engine/engine';
import { API_KEY } from './world';

const PROMPT = 'The heir of Ravenhall';
const SIGNATURE = '0a1b2c3d4e5f60718293';

let image: Buffer;
const log: LogLine[] = [];
const world = useFaultWorld({ engine: { onLog: (line) => void log.push(line) } });

beforeAll(async () => {
	image = await noisyImage('png');
});

afterEach(() => {
	log.length = 0;
});

/** What a careless service quotes in its answers. */
function echo(): string {
	return `Bearer ${API_KEY} sent ${PROMPT} with ${dataUrl(image)}, signed ${SIGNATURE}, which is refused`;
}

function page(): string {
	const html = echo().replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
	return `<html><body><h1>502</h1><p>${html}</p><pre>${JSON.stringify({ said: echo() })}</pre></body></html>`;
}

/** Everything that is shown, logged or saved of an execution, except its input and the node's parameters. */
function traces(execution: Execution): string {
	const { data, hints, items } = execution;
	const { resultData, executionData } = data;
	const runs = (resultData.runData[SUBJECT] ?? []).map(({ data: output, error }) => ({
		output: output?.main,
		error,
	}));
	const context = executionData?.contextData;
	return [
		stringify({ runs, error: resultData.error, context }),
		JSON.stringify([errorOf(execution), hints, items, log]),
	].join('\n');
}

/** What is looked for: whole secrets, and parts that a shortened text would still contain. */
function secrets(): string[] {
	const base64 = image.toString('base64');
	return [API_KEY, SIGNATURE, base64.slice(0, 60), base64.slice(3000, 3060), base64.slice(-60)];
}

const errorBody = (): Partial<{ code: string; message: string }> => ({
	code: API_KEY,
	message: echo(),
});

const refused = (status: number): Fault => ({ kind: 'status', status, body: errorBody() });

/** What is laid in the way, and options of the node. */
const SCENES: Array<[name: string, lay: () => void, options?: IDataObject]> = [
	['a good run', () => {}],
	['a refusal', () => fault('submit', refused(400))],
	['an unclear answer', () => fault('submit', refused(500))],
	['a good status with a page', () => fault('submit', { kind: 'body', text: page() })],
	[
		'an answer without id',
		() => fault('submit', { kind: 'body', text: JSON.stringify({ sent: echo() }) }),
	],
	['no room', () => fault('submit', refused(429)), { timeout: 0.2 }],
	['a failed task', () => world.outcome({ result: 'failed', error: errorBody() }, Infinity)],
	['a task that is refused', () => fault('query', refused(403))],
	['a task that is gone', () => fault('query', refused(404))],
	[
		'a file that does not come',
		() => fault('media', { kind: 'body', status: 500, text: page() }),
		{ timeout: 0.2 },
	],
];

function fault(on: 'submit' | 'query' | 'media', what: Fault): void {
	world.fail(on, what, Infinity);
}

function request(more: Partial<NodeRequest> = {}): NodeRequest {
	const link = `https://a.example/1.png?X-Signature=${SIGNATURE}`;
	const json = { prompt: PROMPT, link, image: dataUrl(image) };
	return {
		items: [{ json }],
		...more,
		parameters: {
			operation: 'referenceToVideo',
			prompt: '={{ $json.prompt }}',
			referenceImages: {
				image: [
					{ source: 'url', url: '={{ $json.image }}' },
					{ source: 'url', url: '={{ $json.link }}' },
				],
			},
			...more.parameters,
		},
	};
}

describe('no trace of a secret is left by', () => {
	it.each(SCENES)('%s', async (_name, lay, options = {}) => {
		lay();
		const more = { parameters: { options } as INodeParameters };
		const ran: Execution[] = [];
		const failed = await world.engine.runNode(request({ ...more, retryOnFail: true, maxTries: 2 }));
		ran.push(failed);
		if (failed.status === 'error') ran.push(await world.engine.retry(failed));
		ran.push(await world.engine.runNode(request({ ...more, onError: 'continueRegularOutput' })));
		for (const execution of ran) {
			const shown = traces(execution);
			expect(secrets().filter((secret) => shown.includes(secret))).toEqual([]);
		}
		expect(JSON.stringify(log)).not.toContain(PROMPT);
		for (const { kind, headers } of world.simulator.requests)
			expect(headers.authorization).toBe(kind === 'media' ? undefined : `Bearer ${API_KEY}`);
	});

	it('a stop', async () => {
		fault('submit', { kind: 'hang' });
		const isSent = () => world.simulator.requests.some(({ body }) => body !== undefined);
		const stopped = await (await world.runUntil(isSent, request())).result;
		expect(secrets().filter((secret) => traces(stopped).includes(secret))).toEqual([]);
	});
});

it('a request ID with line breaks writes no log line of its own, nor what steers a terminal', async () => {
	const request_id = 'r1)\nHappyHorse: item 7 is task task_666 (request ID \u001b[2Jx';
	const as = (answer: object) => ({ ...answer, request_id });
	world.fail('submit', { kind: 'reshaped', as });
	await world.engine.runNode(request());
	const lines = log.map(({ message }) => message).filter((line) => line.includes(' is task '));
	expect(lines).toEqual([
		expect.stringMatching(/^HappyHorse: item 0 is task \S+ \(request ID unknown\)$/),
	]);
});
