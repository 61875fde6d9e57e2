// Survive Restarts: the execution rests while its videos are made, and what comes out is the same.
import type { IDataObject } from 'n8n-workflow';
import { host } from '../../nodes/HappyHorse/rest/host';
import type { Execution, NodeRequest } from '../../tools/engine/engine';
import { connect, SUBJECT } from '../../tools/engine/engine';
import { useWorld } from './world';

const world = useWorld();

const { keepsWaiting } = host;
beforeEach(() => {
	host.keepsWaiting = () => true;
});
afterEach(() => {
	host.keepsWaiting = keepsWaiting;
});

const TOPICS = [{ json: { topic: 'A' } }, { json: { topic: 'B' } }, { json: { topic: 'C' } }];

const PARAMETERS = { prompt: '={{ $json.topic }}', resolution: '720P', duration: 3 };

function request({ options, ...more }: NodeRequest & { options?: IDataObject } = {}): NodeRequest {
	return {
		items: TOPICS,
		...more,
		parameters: {
			...PARAMETERS,
			options: { surviveRestarts: true, ...options },
			...more.parameters,
		},
	};
}

/** Wakes an execution up again and again until it rests no more. */
async function untilOver(execution: Execution): Promise<Execution> {
	let last = execution;
	for (let wakes = 0; last.status === 'waiting' && wakes < 200; wakes += 1) {
		last = await world.engine.wake(last);
	}
	return last;
}

/** What does not differ from one order to the next. */
function essence({ items, errorItems }: Execution) {
	return [...items, ...errorItems].map(({ json, binary, pairedItem }) => ({
		keys: Object.keys(json),
		error: json.error && { ...(json.error as IDataObject), task_id: '', request_id: '' },
		prompt: json.prompt,
		seconds: json.ordered_seconds,
		files: Object.entries(binary ?? {}).map(([field, { mimeType }]) => [field, mimeType]),
		pairedItem,
	}));
}

const submits = () => world.simulator.ofKind('submit').length;

/** The nth task fails, in item order. */
function failOf(...results: Array<'failed' | 'succeeded'>): void {
	for (const result of results) {
		world.simulator.outcomes.push(
			result === 'failed'
				? { outcome: { result: 'failed', error: { code: 'INTERNAL', message: 'No luck' } } }
				: { outcome: {} },
		);
	}
}

it('orders all, rests, and gives what the waiting node gives', async () => {
	const resting = await world.engine.runNode(request());
	expect(resting.status).toBe('waiting');
	expect(submits()).toBe(3);
	expect(world.simulator.ofKind('query')).toHaveLength(0);

	const rested = await untilOver(resting);
	const waited = await world.engine.runNode({ items: TOPICS, parameters: PARAMETERS });
	expect(rested.status).toBe('success');
	expect(submits()).toBe(6);
	expect(essence(rested)).toEqual(essence(waited));
	expect(rested.hints).toEqual(waited.hints);
	expect(rested.runs()).toHaveLength(1);
	expect(world.engine.deduplication.rows.flatMap(({ entries }) => entries)).toEqual([]);
});
