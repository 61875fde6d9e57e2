// The service, in a process of its own so that its memory and CPU time do not count as the node's.
/* eslint-disable @n8n/community-nodes/no-restricted-globals -- a benchmark: it runs in Node, never in n8n */
import { Simulator } from '../../tools/simulator/simulator';
import { seenBy } from './figures';
import { ACCOUNT_QUERIES_PER_SECOND, CROWD_ORDERS_PER_SECOND, type Load, type Seen } from './load';

/** What the measured process asks for: that it starts, forgets the warm-up, and tells what it has seen. */
export type Asked = { kind: 'start'; load: Load } | { kind: 'forget' } | { kind: 'report' };

/** The answer to all of them. */
export interface Told {
	readonly baseUrl: string;
	readonly seen: Seen;
}

async function start(load: Load) {
	const simulator = await Simulator.start({
		secondsPerTask: load.secondsPerTask,
		mediaBytes: load.mediaBytes,
		service: load.service,
		queriesPerSecond: ACCOUNT_QUERIES_PER_SECOND,
		ordersPerSecond: load.executions && CROWD_ORDERS_PER_SECOND,
		onEnd({ kind, body }) {
			const images = kind === 'submit' ? body?.reference_images : undefined;
			// Tens of megabytes, and of no more use
			if (Array.isArray(images)) for (const image of images) image.url = '';
		},
	});
	// For the warm-up, whose tasks need not take time
	simulator.outcomes.push({ times: Infinity, outcome: { afterSeconds: 0 } });
	return { simulator, load };
}

let started: Awaited<ReturnType<typeof start>> | undefined;

async function answer(asked: Asked): Promise<Told> {
	if (asked.kind === 'start') started = await start(asked.load);
	if (started === undefined) throw new Error('Not started');
	const { simulator, load } = started;
	if (asked.kind === 'forget') {
		simulator.reset();
		const fault = { kind: 'status', status: 404 } as const;
		if (load.withoutList) simulator.faults.push({ on: 'list', times: Infinity, fault });
	}
	return { baseUrl: simulator.baseUrl, seen: seenBy(simulator, load.secondsPerTask) };
}

process.on('message', (asked: Asked) => {
	void answer(asked).then((told) => process.send?.(told));
});
process.on('disconnect', () => process.exit());
