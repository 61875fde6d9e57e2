// The service, in a process of its own so that its memory and CPU time do not count as the node's.
/* eslint-disable @n8n/community-nodes/no-restricted-globals -- a benchmark: it runs in Node, never in n8n */
import {
	Simulator,
	type RecordedRequest,
	type SimulatorOptions,
} from '../../tools/simulator/simulator';
import { ACCOUNT_QUERIES_PER_SECOND, type Seen } from './load';

/** Messages from the measured process. */
export type Asked =
	| { kind: 'start'; secondsPerTask: number; mediaBytes?: number }
	/** The warm-up is over: forget it. `hugeAnswerBytes`: of the answer to the next query. */
	| { kind: 'forget'; hugeAnswerBytes?: number }
	| { kind: 'report' };

/** The answers to them. */
export type Told =
	| { kind: 'started'; baseUrl: string }
	| { kind: 'forgotten' }
	| { kind: 'seen'; seen: Seen };

/** When requests of the media host ended, in ms since 1970. */
const ends = new Map<RecordedRequest, number>();

let simulator: Simulator | undefined;

/** Frees the images of an order, which are tens of megabytes and of no more use. */
function dropImages(request: RecordedRequest): void {
	const images = request.body?.reference_images;
	if (!Array.isArray(images)) return;
	for (const image of images) image.url = '';
}

async function start({ secondsPerTask, mediaBytes }: Extract<Asked, { kind: 'start' }>) {
	const options: SimulatorOptions = {
		secondsPerTask,
		mediaBytes,
		queriesPerSecond: ACCOUNT_QUERIES_PER_SECOND,
		onEnd(request) {
			if (request.kind === 'media') ends.set(request, Date.now());
			if (request.kind === 'submit') dropImages(request);
		},
	};
	simulator = await Simulator.start(options);
	// For the warm-up, whose tasks need not take time
	simulator.outcomes.push({ times: Infinity, outcome: { afterSeconds: 0 } });
	return simulator;
}

function seen(
	{ tasks, ofKind }: { tasks: Simulator['tasks']; ofKind: Simulator['ofKind'] },
	seconds: number,
): Seen {
	const queries = ofKind('query');
	const noticed = new Map<string, number>();
	for (const { taskId = '', at, status } of queries) {
		const doneAt = (tasks.get(taskId)?.createdAt ?? Infinity) + seconds * 1000;
		if (status === 200 && at >= doneAt && !noticed.has(taskId)) noticed.set(taskId, at);
	}
	return {
		tasks: [...tasks.values()].map((task) => ({
			orderedAt: task.createdAt,
			doneAt: task.createdAt + seconds * 1000,
			noticedAt: noticed.get(task.id),
			queries: task.queries,
		})),
		submits: ofKind('submit').map(({ at }) => at),
		queries: queries.map(({ at }) => at),
		refusedQueries: queries.filter(({ status }) => status === 429).length,
		downloads: ofKind('media').map((request) => ({
			from: request.at,
			to: ends.get(request) ?? Date.now(),
		})),
	};
}

let secondsPerTask = 0;

async function answer(asked: Asked): Promise<Told> {
	if (asked.kind === 'start') {
		({ secondsPerTask } = asked);
		const { baseUrl } = await start(asked);
		return { kind: 'started', baseUrl };
	}
	if (simulator === undefined) throw new Error('Not started');
	if (asked.kind === 'forget') {
		simulator.reset();
		ends.clear();
		if (asked.hugeAnswerBytes !== undefined) {
			const fault = { kind: 'huge', bytes: asked.hugeAnswerBytes } as const;
			simulator.faults.push({ on: 'query', fault });
		}
		return { kind: 'forgotten' };
	}
	const { tasks } = simulator;
	return {
		kind: 'seen',
		seen: seen({ tasks, ofKind: simulator.ofKind.bind(simulator) }, secondsPerTask),
	};
}

process.on('message', (asked: Asked) => {
	void answer(asked).then((told) => process.send?.(told));
});
process.on('disconnect', () => process.exit());
