// Many tasks of an account: what lists tell, and what happens where they tell nothing. On a fake clock.
import { MODEL_STUDIO } from '../../nodes/HappyHorse/service/modelStudio/modelStudio';
import type { TaskFilter } from '../../nodes/HappyHorse/domain/order';
import type { ListVerdict, Patience, QueryVerdict } from '../../nodes/HappyHorse/service/service';
import { clock } from '../../nodes/HappyHorse/util/clock';
import { useFakeClock } from '../../tools/fakeClock';
import { done, going, jobOf, run, ScriptedService, setupOf } from './scriptedRun';

useFakeClock({ advances: true });

const MINUTE = 60_000;

const never = () => new AbortController().signal;

/** Ms from the first order to the end of the n-th task: all are ordered by then, and end one by one. */
const endOf = (n: number) => MINUTE + 250 * n;

/** A list that says how tasks really are, a hundred a page. */
type Listing = (
	found: readonly string[],
	page: number,
	service: ListingService,
) => ListVerdict | Promise<ListVerdict>;

const pageOf = (found: readonly string[], page: number): ListVerdict => ({
	kind: 'page',
	pages: Math.ceil(found.length / 100),
	tasks: found
		.slice(100 * (page - 1), 100 * page)
		.map((taskId) => ({ taskId, state: 'going', status: 'processing' })),
});

class ListingService extends ScriptedService {
	override readonly pace = MODEL_STUDIO.pace;
	readonly lists: number[] = [];
	/** Ms that the list may take. */
	withinMs = 0;
	/** From the end of each task until the query that noticed it, in ms. */
	readonly lags: number[] = [];

	constructor(private readonly listing: Listing = pageOf) {
		super((taskId) => this.answerTo(taskId));
	}

	private endsAt(taskId: string): number {
		return (this.submits[0]?.at ?? 0) + endOf(Number(taskId.replace('task_', '')));
	}

	private answerTo(taskId: string): QueryVerdict {
		const lag = clock.now() - this.endsAt(taskId);
		if (lag < 0) return going;
		this.lags.push(lag);
		return done;
	}

	async list(page: number, { status }: TaskFilter, patience: Patience): Promise<ListVerdict> {
		this.lists.push(clock.now());
		this.withinMs = patience.withinMs ?? Infinity;
		const isOurs = ({ taskId }: { taskId: string }) =>
			status === 'processing' && clock.now() < this.endsAt(taskId);
		const found = this.submits.filter(isOurs).map(({ taskId }) => taskId);
		return await this.listing(['foreign_1', ...found], page, this);
	}
}

const jobs = (count: number) =>
	Array.from({ length: count }, (_, n) => jobOf(n, { maxTasksInFlight: count }));

/** Orders and waits for so many videos. */
async function waitForAll(count: number, listing?: Listing) {
	const service = new ListingService(listing);
	const result = await run(setupOf(service, { stopOnFailure: false }), jobs(count));
	if (result.kind !== 'finished') throw new Error(result.kind);
	const delivered = result.outcomes.filter(({ result: { ok } }) => ok).length;
	const lags = service.lags.sort((a, b) => a - b);
	return { service, delivered, median: lags[lags.length >> 1], worst: lags[lags.length - 1] };
}

it('few tasks are asked for one by one', async () => {
	const { service, delivered } = await waitForAll(20);
	expect([delivered, service.lists]).toEqual([20, []]);
});

it('many tasks are listed, and asked for once they are under way no more', async () => {
	const { service, delivered, median, worst } = await waitForAll(200);
	expect(delivered).toBe(200);
	expect(median).toBeLessThanOrEqual(2000);
	expect(worst).toBeLessThanOrEqual(4000);
	const during = service.queries.filter(({ at }) => at - service.submits[0].at > MINUTE);
	expect(during.length).toBeLessThan(600);
	expect(service.queries.filter(({ taskId }) => taskId.startsWith('foreign'))).toEqual([]);
});

const trouble = { kind: 'trouble', retryAfterMs: undefined } as const;

/** Most ms from the end of a task until it is noticed; most lists that are asked for meanwhile. */
it.each<[what: string, listing: Listing, worstMs: number, mostLists: number]>([
	['leaves out every third', (found, page) => pageOf(found.filter((_, n) => n % 3 > 0), page), 8000, 200], // prettier-ignore
	['is empty', () => ({ kind: 'page', tasks: [], pages: 0 }), 15_000, 200],
	['is not there', () => ({ kind: 'none', details: { httpStatus: 404 } }), 15_000, 1],
	['may not be read', () => ({ kind: 'denied', reason: 'notAllowed', details: {} }), 15_000, 1],
	['is too long', (found, page) => ({ ...pageOf(found, page), pages: 9 }) as ListVerdict, 15_000, 1], // prettier-ignore
	['is out of order', () => ({ ...trouble, busy: false, details: { httpStatus: 503 } }), 15_000, 100], // prettier-ignore
	['is refused for want of room', () => ({ ...trouble, busy: true, details: { httpStatus: 429 } }), 60_000, 100], // prettier-ignore
	['hangs', async (_found, _page, { withinMs }) => { await clock.sleep(withinMs, never()); return { ...trouble, details: {} }; }, 12_000, 20], // prettier-ignore
	['never moves on', (_found, _page, { submits }) => pageOf(submits.map(({ taskId }) => taskId), 1), 65_000, 200], // prettier-ignore
	['throws', () => { throw new Error('broken'); }, 15_000, 1], // prettier-ignore
])('a list that %s loses no task', async (_what, listing, worstMs, mostLists) => {
	const { service, delivered, worst } = await waitForAll(100, listing);
	expect(delivered).toBe(100);
	expect(worst).toBeLessThanOrEqual(worstMs);
	expect(service.lists.length).toBeGreaterThan(0);
	expect(service.lists.length).toBeLessThanOrEqual(mostLists);
});

it('a run that stops while it reads leaves the reading to another', async () => {
	const service = new ListingService();
	const stop = new AbortController();
	const lasting = run(setupOf(service), jobs(60));
	const reading = run(setupOf(service, { cancel: stop.signal }), jobs(60));
	await clock.sleep(1.1 * MINUTE, never());
	const stoppedAt = clock.now();
	stop.abort();
	expect((await reading).kind).toBe('stopped');
	expect((await lasting).kind).toBe('finished');
	// Not each of its tasks is asked for by itself meanwhile
	const soon = service.times.filter((at) => stoppedAt < at && at < stoppedAt + 4000);
	expect(soon.length).toBeLessThan(25);
});
