// Runs of the node without n8n: checked items, a service whose answers a test decides, and what stands around a run.
import { clock } from '../../nodes/HappyHorse/util/clock';
import type { Result, RunResult } from '../../nodes/HappyHorse/domain/failure';
import { succeeded } from '../../nodes/HappyHorse/domain/failure';
import type { RunIdentity } from '../../nodes/HappyHorse/n8n/identity';
import type { Action, Image, Job, Order, SourceVideo } from '../../nodes/HappyHorse/domain/order';
import { ORDER_DEFAULTS } from '../../nodes/HappyHorse/domain/limits';
import { IMINI_LIMITS } from '../../nodes/HappyHorse/service/imini/imini';
import type {
	PreparedOrder,
	QueryVerdict,
	Service,
	SubmitVerdict,
} from '../../nodes/HappyHorse/service/service';
import type { Settings } from '../../nodes/HappyHorse/domain/settings';
import type { Intents } from '../../nodes/HappyHorse/task/intents';
import { Ledger } from '../../nodes/HappyHorse/task/ledger';
import { openLedgerData } from '../../nodes/HappyHorse/task/savedLedger';
import type { Pool, RunContext, RunSetup } from '../../nodes/HappyHorse/task/context';
import { paceOf, RunPace } from '../../nodes/HappyHorse/task/pace';
import { watchlistOf } from '../../nodes/HappyHorse/task/watchlist';
import { runItems } from '../../nodes/HappyHorse/task/run';

export const going: QueryVerdict = {
	kind: 'going',
	task: { state: 'going', status: 'processing', videos: [] },
};
export const done: QueryVerdict = {
	kind: 'succeeded',
	task: { state: 'succeeded', status: 'succeeded', videos: [{ url: 'https://files.test/a.mp4' }] },
};
export const gaveUp: QueryVerdict = {
	kind: 'failed',
	task: { state: 'failed', status: 'failed', videos: [] },
	details: { code: 'X' },
};
export const gone: QueryVerdict = { kind: 'gone', details: { httpStatus: 404 } };

/** Where the service is, and where messages send people. */
export const PLACE = { service: 'imini', host: 'api.test' };
export const PAGES = {
	keys: 'https://keys.test',
	account: 'https://account.test',
	address: 'Base URL',
};

/** A pace that spaces nothing, for tests of other things. Pauses as iMini's. */
const FAST = { first: 1e15, most: 1e15, least: 1, pauseMs: 5000, longestPauseMs: 20_000 };

let services = 0;

/** A service whose answers a test decides. Notes what was sent, and when. */
export class ScriptedService implements Service {
	readonly limits = IMINI_LIMITS;
	readonly pace: Service['pace'] = { orders: FAST, queries: FAST };
	/** Each is at an account of its own. */
	readonly account = `account ${++services}`;
	readonly place = PLACE;
	readonly pages = PAGES;
	readonly uploadsVideos = false;
	readonly describesVideos = true;
	readonly isPrivate = false;
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
			task: { taskId },
		}),
	) {}

	async prepare(): Promise<PreparedOrder> {
		const send = async () => {
			const taskId = `task_${this.submits.length}`;
			this.submits.push({ at: clock.now(), taskId });
			return await this.accept(taskId);
		};
		return { kind: 'ready', model: 'm', send };
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
	fileNumber: undefined,
	pollIntervalMs: 2000,
	timeoutMs: 1_800_000,
	maxTasksInFlight: 5,
	maxTotalSeconds: Infinity,
	resubmitWhenUnsure: false,
	includeInput: false,
	pricePerSecond: 0,
};

/** An order of so many seconds of video; undefined makes it an edit, whose length nobody knows before. */
export function orderOf(durationSeconds: number | undefined): Order {
	const mode = durationSeconds === undefined ? 'editVideo' : 'textToVideo';
	const { resolution } = ORDER_DEFAULTS;
	return { mode, prompt: 'A horse', resolution, durationSeconds, images: [] };
}

/** An image of 10 bytes with this digest. */
export function bytesImage(digest: string): Image {
	const measured = { format: 'png', size: 10, width: 400, height: 400 } as const;
	return { kind: 'bytes', digest, ...measured, open: async () => [Buffer.alloc(10)] };
}

type VideoFile = Extract<SourceVideo, { kind: 'file' }>;

/** A video of one byte to edit, from a file. */
export function videoFile(changes: Partial<VideoFile> = {}): VideoFile {
	const link = () => 'https://n8n.test/clip.mp4';
	const open = async () => [Buffer.alloc(1)];
	return { kind: 'file', name: 'clip.mp4', digest: 'x', size: 1, open, link, ...changes };
}

/** A checked item that orders a video, unless `action` says otherwise. */
export function jobOf(
	item: number,
	changes: Partial<Settings> = {},
	action: Action = { kind: 'create', order: orderOf(ORDER_DEFAULTS.durationSeconds) },
): Job {
	const mode = 'textToVideo';
	return { item, mode, action, settings: { ...settings, ...changes }, prompt: 'A horse' };
}

/** The ledger in a node's context, as one run of the node sees it. */
export function openLedger(
	context: Record<string, unknown> = {},
	run: Partial<RunIdentity> = {},
	fingerprintOf = (item: number) => `fingerprint ${item}`,
): Ledger {
	const identity = { executionId: '1', runIndex: 0, isRetry: false, inTool: false, ...run };
	const opened = openLedgerData(context, identity);
	if (!opened.ok) throw opened.failure;
	return new Ledger(opened.value, identity, fingerprintOf);
}

/** The intents of an n8n that has no place for them. */
export const noIntents: Intents = {
	keyOf: ({ identity, ordinal }) => `${identity} ${ordinal}`,
	write: async () => ({ kind: 'written', intent: undefined }),
	complete: async () => {},
	find: async () => new Map(),
	mark: async () => {},
	read: async () => new Map(),
	remove: async () => true,
	claim: () => true,
	release() {},
};

/** What a run has around it: a ledger of its own, and no place for intents. */
export function setupOf(service: Service, changes: Partial<RunSetup> = {}): RunSetup {
	return {
		service,
		ledger: openLedger(),
		intents: noIntents,
		log: { debug() {}, info() {}, warn() {} },
		noteTask() {},
		cancel: new AbortController().signal,
		stopOnFailure: true,
		random: () => 0.4,
		...changes,
	};
}

/** What the steps of a run share, where nothing limits how many are under way. */
export function contextOf(service: Service, changes: Partial<RunContext> = {}): RunContext {
	const setup = { ...setupOf(service), ...changes };
	const pool: Pool = async (work) => await work();
	const account = paceOf(service.account, service.pace);
	return {
		...setup,
		signal: setup.cancel,
		pace: new RunPace(account, { ...setup, pauses: setup.ledger.pausesOf(service.account) }),
		watchlist: watchlistOf(account),
		phase: 0,
		slots: pool,
		heavySubmits: pool,
		lightSubmits: pool,
		downloads: pool,
		openSubmits: new Set(),
		...changes,
	};
}

/** What was spent: so many seconds of video for each item from 0. */
export function spending(seconds: readonly number[], left = Infinity) {
	return { items: [...seconds.keys()], left, secondsOf: (item: number) => seconds[item] };
}

/** Step 4 that always goes well. */
export async function deliver(item: number): Promise<Result<string>> {
	return succeeded(`video ${item}`);
}

/** Carries these jobs out, with `deliverTask` as step 4. */
export async function run(
	setup: RunSetup,
	jobs: readonly Job[],
	deliverTask = deliver,
): Promise<RunResult<string>> {
	return await runItems(setup, jobs, [], async ({ item }, { taskId, videos }) =>
		videos === undefined ? succeeded(taskId) : await deliverTask(item),
	);
}
