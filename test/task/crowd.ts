// Many runs at one account, simulated: the node's own pace on a fake clock, and a service that counts exact seconds.
import { clock } from '../../nodes/HappyHorse/util/clock';
import { paceOf, RunPace } from '../../nodes/HappyHorse/task/pace';
import { firstPollMs } from '../../nodes/HappyHorse/task/poll';
import type {
	PaceLimits,
	RequestKind,
	SubmitVerdict,
} from '../../nodes/HappyHorse/service/service';
import { chance } from '../../tools/chance';

/** A run that begins at `at` ms with so many items, in one of the processes that do not know of each other. */
export interface SimulatedRun {
	readonly at: number;
	readonly items: number;
	readonly process?: number;
}

/** What is simulated; rates in requests a second, times in ms. */
export interface Crowd {
	readonly seed: number;
	readonly limits: Readonly<Record<RequestKind, PaceLimits>>;
	readonly allowed: Readonly<Record<RequestKind, number>>;
	readonly runs: readonly SimulatedRun[];
	/** How long a task takes; `random` from 0 to 1. */
	taskMs(random: number): number;
	/** What a 429 says. */
	readonly retryAfterMs?: number;
	/** When the service refuses everything. */
	readonly outages?: ReadonlyArray<readonly [from: number, to: number]>;
}

/** What came of one run, in ms since all began. */
export interface SimulatedEnd {
	readonly items: number;
	/** From the run's begin until its last item was ordered. */
	lastOrderMs: number;
	/** From the end of each task until the query that noticed it. */
	readonly lags: number[];
	/** When the first query of each task reached the service. */
	readonly firstPolls: number[];
}

/** What came of all. `arrived`: when each request reached the service. */
export interface CrowdEnd {
	readonly runs: SimulatedEnd[];
	readonly arrived: Readonly<Record<RequestKind, number[]>>;
	readonly refused: Readonly<Record<RequestKind, number>>;
	readonly log: string[];
}

const HALF_AN_HOUR_MS = 1_800_000;
const POLL_MS = 2000;

/** So that no two simulations of a process share an account. */
let worlds = 0;

/** What the service says: that it has no room, or what it was asked. */
type Reply<T> =
	| Extract<SubmitVerdict, { kind: 'busy' }>
	| { readonly kind: 'answered'; readonly value: T };

/** Simulates a crowd until each task has been noticed. On a fake clock that advances by itself. */
export async function simulate(crowd: Crowd): Promise<CrowdEnd> {
	worlds += 1;
	const never = () => new AbortController().signal;
	let drawn = 0;
	const random = () => chance('crowd', crowd.seed, drawn++);
	const start = clock.monotonic();
	const now = () => clock.monotonic() - start;
	const arrived: Record<RequestKind, number[]> = { orders: [], queries: [] };
	const taken: Record<RequestKind, number[]> = { orders: [], queries: [] };
	const refused = { orders: 0, queries: 0 };
	const log: string[] = [];

	const onTheWay = () => 40 - 15 * Math.log(1 - random()) + (random() < 0.01 ? 200 * random() : 0);

	/** One request: what `handle` says of it, or that it is refused. */
	async function exchange<T>(kind: RequestKind, handle: () => T): Promise<Reply<T>> {
		await clock.sleep(onTheWay(), never());
		const at = now();
		arrived[kind].push(at);
		const isOut = crowd.outages?.some(([from, to]) => from <= at && at < to);
		const inSecond = taken[kind].slice(-100).filter((other) => other > at - 1000).length;
		if (isOut || inSecond >= crowd.allowed[kind]) {
			refused[kind] += 1;
			await clock.sleep(5 + onTheWay(), never());
			return { kind: 'busy', details: {}, retryAfterMs: crowd.retryAfterMs };
		}
		taken[kind].push(at);
		const value = handle();
		const workMs = kind === 'orders' ? 300 : 30;
		await clock.sleep(workMs * (0.7 + 0.6 * random()) + onTheWay(), never());
		return { kind: 'answered', value };
	}

	async function ask(pace: RunPace, afterMs: number, handle: () => number) {
		const send = async () => await exchange('queries', handle);
		const waits = { afterMs, withinMs: HALF_AN_HOUR_MS, signal: never() };
		const answer = await pace.send('queries', waits, send);
		if (answer === undefined) throw new Error('A request was given up');
		return answer.kind === 'busy' ? 'busy' : answer.value;
	}

	/** Reads files and writes a note first, as long as an order of its run has a place for that. */
	async function order(pace: RunPace) {
		const waits = { withinMs: HALF_AN_HOUR_MS, signal: never() };
		const giveBack = await pace.getReady(waits);
		if (giveBack === undefined) throw new Error('An order was given up');
		await clock.sleep(10 + 40 * random(), never());
		const send = async () => {
			giveBack();
			const taken = () => ({ createdAt: now(), endsAt: now() + crowd.taskMs(random()) });
			return await exchange('orders', taken);
		};
		return await pace.send('orders', waits, send);
	}

	async function item(pace: RunPace, end: SimulatedEnd, at: number, n: number, phase: number) {
		let task = await order(pace);
		while (task?.kind === 'busy') task = await order(pace);
		if (task === undefined) throw new Error('An order was given up');
		const { createdAt, endsAt } = task.value;
		end.lastOrderMs = Math.max(end.lastOrderMs, createdAt - at);
		let wait = firstPollMs(POLL_MS, n, phase);
		for (let polls = 0; ; polls += 1) {
			const lag = await ask(pace, wait, () => {
				if (polls === 0) end.firstPolls.push(now());
				return now() - endsAt;
			});
			if (lag !== 'busy' && lag >= 0) return void end.lags.push(lag);
			wait = lag === 'busy' ? 0 : POLL_MS;
		}
	}

	const runs = crowd.runs.map(async ({ at, items, process = 0 }) => {
		await clock.sleep(at, never());
		const account = paceOf(`world ${worlds}, process ${process}`, crowd.limits);
		const debug = (line: string) => void log.push(line);
		const pace = new RunPace(account, { pauses: {}, log: { debug }, random });
		const end: SimulatedEnd = { items, lastOrderMs: 0, lags: [], firstPolls: [] };
		const phase = random();
		await Promise.all(
			Array.from({ length: items }, async (_, n) => await item(pace, end, at, n, phase)),
		);
		pace.close();
		return end;
	});
	return { runs: await Promise.all(runs), arrived, refused, log };
}
