// Runs of the node without n8n: checked items, a service whose answers a test decides, and what stands around a run.
import { clock } from '../../nodes/HappyHorse/clock';
import type { Job, Order, Settings, Wish } from '../../nodes/HappyHorse/request/order';
import type { Service } from '../../nodes/HappyHorse/service/client';
import { DEFAULTS } from '../../nodes/HappyHorse/service/contract';
import type { QueryVerdict, SubmitVerdict } from '../../nodes/HappyHorse/service/verdict';
import { Ledger } from '../../nodes/HappyHorse/task/ledger';
import type { HandedOver, RunSetup } from '../../nodes/HappyHorse/task/run';

export const going: QueryVerdict = { kind: 'going', task: { status: 'processing' } };
export const succeeded: QueryVerdict = {
	kind: 'succeeded',
	task: { status: 'succeeded', videos: [{ url: 'https://files.test/a.mp4' }] },
};

/** A service whose answers a test decides. Notes what was asked, and when. */
export class ScriptedService implements Service {
	readonly submits: Array<{ at: number; taskId: string }> = [];
	readonly queries: Array<{ at: number; taskId: string }> = [];

	/**
	 * @param answer what a query is answered, by its task and the ms since that was ordered
	 * @param accept what a submit is answered, by the id that its task would have
	 */
	constructor(
		private readonly answer: (taskId: string, age: number) => QueryVerdict,
		private readonly accept = async (taskId: string): Promise<SubmitVerdict> => ({
			kind: 'accepted',
			task: { task_id: taskId },
		}),
	) {}

	async submit(): Promise<SubmitVerdict> {
		const taskId = `task_${this.submits.length}`;
		this.submits.push({ at: clock.now(), taskId });
		return await this.accept(taskId);
	}

	async query(taskId: string): Promise<QueryVerdict> {
		this.queries.push({ at: clock.now(), taskId });
		const orderedAt = this.submits.find((submit) => submit.taskId === taskId)?.at ?? 0;
		return this.answer(taskId, clock.now() - orderedAt);
	}

	async openFile(): Promise<never> {
		throw new Error('Not here');
	}

	/** Times of the queries. */
	get times(): number[] {
		return this.queries.map(({ at }) => at);
	}
}

const settings: Settings = {
	wait: true,
	download: true,
	downloadCover: false,
	outputField: 'data',
	fileName: undefined,
	pollIntervalMs: 2000,
	timeoutMs: 1_800_000,
	maxTasksInFlight: 5,
	maxTotalSeconds: Infinity,
	resubmitWhenUnsure: false,
};

/** An order of `duration` seconds of video; undefined makes it an edit, whose length nobody knows before. */
export function orderOf(duration: number | undefined): Order {
	const fields = { prompt: 'A horse', resolution: DEFAULTS.resolution, duration };
	return { mode: duration === undefined ? 'editVideo' : 'textToVideo', fields, pictures: [] };
}

/** A checked item that orders a video, unless `wish` says else. */
export function jobOf(
	item: number,
	changes: Partial<Settings> = {},
	wish: Wish = { kind: 'order', order: orderOf(DEFAULTS.duration) },
): Job {
	return {
		item,
		operation: 'textToVideo',
		wish,
		settings: { ...settings, ...changes },
		secrets: [],
	};
}

/** What a run has around it: a ledger of its own, no place for marks, and `handOver` as step 4. */
export function setupOf(
	service: Service,
	handOver: (item: number) => Promise<HandedOver<string>>,
	changes: Partial<RunSetup<string>> = {},
): RunSetup<string> {
	return {
		service,
		ledger: Ledger.open({}, { executionId: '1', runIndex: 0, inTool: false }),
		marks: {
			place: async () => undefined,
			findMarked: async () => new Set(),
			remove: async () => {},
		},
		log: { info() {}, warn() {} },
		cancel: new AbortController().signal,
		stopOnFault: true,
		isRetry: false,
		printOf: (item) => `print ${item}`,
		markBaseOf: (item) => `mark ${item}`,
		handOverOrder: (_job, task) => task.task_id,
		handOverTask: async ({ item }) => await handOver(item),
		random: () => 0.4,
		...changes,
	};
}

/** Step 4 that always goes well. */
export async function handOver(item: number): Promise<HandedOver<string>> {
	return { kind: 'done', value: `video ${item}` };
}
