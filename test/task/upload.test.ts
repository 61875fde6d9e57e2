// Orders whose video is handed to the service first: whose time an upload takes, and what comes of one that fails.
import type { Order } from '../../nodes/HappyHorse/domain/order';
import type { Upload } from '../../nodes/HappyHorse/service/service';
import type { RunContext } from '../../nodes/HappyHorse/task/context';
import { submit } from '../../nodes/HappyHorse/task/submit';
import { clock } from '../../nodes/HappyHorse/util/clock';
import { useFakeClock } from '../../tools/fakeClock';
import {
	contextOf,
	done,
	jobOf,
	orderOf,
	run,
	ScriptedService,
	setupOf,
	videoFile,
} from './scriptedRun';

const time = useFakeClock({ advances: true });

const MINUTE = 60_000;

const edit = (): Order => ({ ...orderOf(undefined), video: videoFile() });

/** Takes so many ms for each upload, and notes when they began and ended, in ms since the first. */
class UploadingService extends ScriptedService {
	readonly spans: Array<[began: number, ended: number]> = [];
	private readonly first = clock.now();

	constructor(
		private readonly takesMs: number,
		private readonly come: (tries: number) => Upload = () => ({ kind: 'done' }),
	) {
		super(() => done);
	}

	async upload(_order: Order, signal: AbortSignal): Promise<Upload> {
		const began = clock.now() - this.first;
		await clock.sleep(this.takesMs, signal);
		this.spans.push([began, clock.now() - this.first]);
		return this.come(this.spans.length);
	}
}

const edits = (count: number, timeoutMs: number) =>
	Array.from({ length: count }, (_, n) => {
		const action = { kind: 'create', order: edit() } as const;
		return jobOf(n, { timeoutMs, maxTasksInFlight: count }, action);
	});

it('the time of an item begins with its upload: others before it do not count', async () => {
	const service = new UploadingService(30_000);
	const result = await run(setupOf(service), edits(8, MINUTE));
	expect(result.kind).toBe('finished');
	expect(service.spans).toEqual(
		Array.from({ length: 8 }, (_, n) => [30_000 * n, 30_000 * (n + 1)]),
	);
	expect(service.submits).toHaveLength(8);
});

it('an upload that hangs ends at the deadline of its item, which says so; then comes the next', async () => {
	const service = new UploadingService(Infinity);
	const result = await run(setupOf(service, { stopOnFailure: false }), edits(3, 30_000));
	expect(service.spans).toEqual([
		[0, 30_000],
		[30_000, 60_000],
		[60_000, 90_000],
	]);
	expect(service.submits).toEqual([]);
	const failure = {
		kind: 'notOrdered',
		message: 'The time of this item was over before its order could be sent (Timeout: 0.5 minutes)',
	};
	expect(result).toMatchObject({
		outcomes: [0, 1, 2].map((item) => ({ item, result: { failure } })),
	});
});

/** Orders one edit. */
async function order(service: UploadingService, timeoutMs = 30 * MINUTE) {
	const context: RunContext = contextOf(service, { random: () => 0.5 });
	context.ledger.identify(0, 'order');
	const start = time.now();
	const result = await submit(context, jobOf(0, { timeoutMs }), edit());
	return { result, tookMs: time.now() - start, pausedMs: context.pace.pausedMs('orders') };
}

const details = { httpStatus: 429 };
const busy: Upload = { kind: 'busy', details, retryAfterMs: 7000 };

it.each<[what: string, first: Upload, waitsMs: number]>([
	['fails', { kind: 'notUploaded', details: { code: 'ECONNRESET' } }, 1000],
	['is turned away', busy, 7000],
])(
	'an upload that %s is tried again; orders are not held up by that',
	async (_w, first, waitsMs) => {
		const service = new UploadingService(0, (tries) => (tries === 1 ? first : { kind: 'done' }));
		const { result, tookMs, pausedMs } = await order(service);
		expect(result.ok).toBe(true);
		expect([tookMs, pausedMs]).toEqual([waitsMs, 0]);
	},
);

it.each<[what: string, come: Upload, timeoutMs: number, tries: number, failure: object]>([
	['that is never taken', busy, MINUTE, 5, { kind: 'notOrdered', advice: { details } }],
	[
		'that is turned away until after the deadline',
		busy,
		10_000,
		2,
		{
			description: expect.stringMatching(/^Nothing .* It asks to be left alone for another 0.12 /),
		},
	],
	[
		'that is refused',
		{ kind: 'refused', reason: 'credits', details },
		MINUTE,
		1,
		{ kind: 'refused' },
	],
])('an upload %s orders nothing', async (_what, come, timeoutMs, tries, failure) => {
	const service = new UploadingService(0, () => come);
	const { result, tookMs } = await order(service, timeoutMs);
	expect(result).toMatchObject({ ok: false, failure });
	expect(tookMs).toBeLessThanOrEqual(7000 * (tries - 1));
	expect([service.spans.length, service.submits]).toEqual([tries, []]);
});
