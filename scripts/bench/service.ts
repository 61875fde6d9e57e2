// The service, in a process of its own so that its memory and CPU time do not count as the node's.
/* eslint-disable @n8n/community-nodes/no-restricted-globals -- a benchmark: it runs in Node, never in n8n */
import {
	Simulator,
	type RecordedRequest,
	type SimulatorOptions,
} from '../../tools/simulator/simulator';
import { ACCOUNT_QUERIES_PER_SECOND, CROWD_ORDERS_PER_SECOND, type Crowd, type Seen } from './load';

/** What the measured process asks for. `hugeAnswerBytes`: of the answer to the next query. */
export type Asked =
	| { kind: 'start'; secondsPerTask: number; mediaBytes?: number; crowd?: Crowd }
	/** The warm-up is over: forget it. */
	| { kind: 'forget'; hugeAnswerBytes?: number }
	| { kind: 'report' };

/** The answer to all of them. */
export interface Told {
	readonly baseUrl: string;
	readonly seen: Seen;
}

/** When requests of the media host ended, in ms since 1970. */
const ends = new Map<RecordedRequest, number>();

/** Frees the images of an order, which are tens of megabytes and of no more use. */
function dropImages(request: RecordedRequest): void {
	const images = request.body?.reference_images;
	if (!Array.isArray(images)) return;
	for (const image of images) image.url = '';
}

async function start({ secondsPerTask, mediaBytes, crowd }: Extract<Asked, { kind: 'start' }>) {
	const options: SimulatorOptions = {
		secondsPerTask,
		mediaBytes,
		service: crowd?.service,
		queriesPerSecond: ACCOUNT_QUERIES_PER_SECOND,
		ordersPerSecond: crowd && CROWD_ORDERS_PER_SECOND,
		onEnd(request) {
			if (request.kind === 'media') ends.set(request, Date.now());
			if (request.kind === 'submit') dropImages(request);
		},
	};
	const simulator = await Simulator.start(options);
	// For the warm-up, whose tasks need not take time
	simulator.outcomes.push({ times: Infinity, outcome: { afterSeconds: 0 } });
	return { simulator, secondsPerTask, crowd };
}

function seenBy(simulator: Simulator, secondsPerTask: number): Seen {
	const queries = simulator.ofKind('query');
	const lists = simulator.ofKind('list');
	const isRefused = ({ status }: RecordedRequest) => status === 429;
	const tasks = [...simulator.tasks.values()].map((task) => {
		const doneAt = task.createdAt + secondsPerTask * 1000;
		const notices = ({ taskId, at, status }: RecordedRequest) =>
			taskId === task.id && status === 200 && at >= doneAt;
		const noticedAt = queries.find(notices)?.at;
		const { prompt = '', createdAt: orderedAt } = task;
		return { prompt, orderedAt, doneAt, noticedAt, queries: task.queries };
	});
	return {
		tasks,
		submits: simulator.ofKind('submit').map(({ at }) => at),
		queries: queries.map(({ at }) => at),
		lists: lists.length,
		refusedQueries: [...queries, ...lists].filter(isRefused).length,
		refusedOrders: simulator.ofKind('submit').filter(isRefused).length,
		downloads: simulator.ofKind('media').map((request) => ({
			from: request.at,
			to: ends.get(request) ?? Date.now(),
		})),
	};
}

let started: Awaited<ReturnType<typeof start>> | undefined;

async function answer(asked: Asked): Promise<Told> {
	if (asked.kind === 'start') started = await start(asked);
	if (started === undefined) throw new Error('Not started');
	const { simulator, secondsPerTask, crowd } = started;
	if (asked.kind === 'forget') {
		simulator.reset();
		ends.clear();
		if (crowd?.hasList === false)
			simulator.faults.push({
				on: 'list',
				times: Infinity,
				fault: { kind: 'status', status: 404 },
			});
		if (asked.hugeAnswerBytes !== undefined) {
			const fault = { kind: 'huge', bytes: asked.hugeAnswerBytes } as const;
			simulator.faults.push({ on: 'query', fault });
		}
	}
	return { baseUrl: simulator.baseUrl, seen: seenBy(simulator, secondsPerTask) };
}

process.on('message', (asked: Asked) => {
	void answer(asked).then((told) => process.send?.(told));
});
process.on('disconnect', () => process.exit());
