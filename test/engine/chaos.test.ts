// Hundreds of items under random faults in every phase, with retries until n8n gives up: no order is lost or paid twice.
// docs/TESTING.md has the commands.
/* eslint-disable @n8n/community-nodes/no-restricted-globals -- a test: it runs in Node, never in n8n */
import type { INodeParameters } from 'n8n-workflow';
import { clock } from '../../nodes/HappyHorse/util/clock';
import { chance, pick } from '../../tools/chance';
import type {
	Fault,
	Outcome,
	RecordedRequest,
	SimulatedTask,
} from '../../tools/simulator/simulator';
import type { Execution } from '../../tools/engine/engine';
import { here, requestsSentWithin, useFaultWorld } from './faults/scene';
import { perService, serviceUnderTest } from './service';
import type { World } from './world';

/** Seeds of a normal test run. */
const SEEDS = 4;

/** Runs of one seed, and items of each: 300 items in all. */
const RUNS = 6;
const ITEMS = 50;

/** Retries by hand of one execution, at most. */
const RETRIES = 3;

/** Ms of real time that one seed may take. */
const PATIENCE_MS = 60_000;

const { CHAOS_SEED, CHAOS_SEEDS } = process.env;
const seeds =
	CHAOS_SEED === undefined
		? Array.from({ length: Number(CHAOS_SEEDS ?? SEEDS) }, (_, n) => n + 1)
		: [Number(CHAOS_SEED)];

const status = (code: number, more: object = {}): Fault => ({
	kind: 'status',
	status: code,
	...more,
});

const SUBMIT_BUSY: Array<[number, Fault | undefined]> = [
	[4, status(429)],
	[3, status(429, { headers: { 'retry-after': '3' } })],
	// Rare: nothing is sent within a pause, so one without end is the end of its execution
	[0.25, status(429, { headers: { 'retry-after': '99999999999999999999' } })],
];

const SUBMIT_REFUSED: Array<[number, Fault | undefined]> = [
	[2, status(400)],
	[1, status(401)],
	...perService<Array<[number, Fault]>>({
		imini: [[1, status(402)]],
		modelStudio: [
			[1, status(403, { body: { code: 'Arrearage' } })],
			[1, status(429, { body: { code: 'Throttling.AllocationQuota' } })],
		],
	}),
	[1, status(307, { headers: { location: '/elsewhere' } })],
];

const SUBMIT_UNSURE: Array<[number, Fault | undefined]> = [
	...[408, 500, 502, 503, 504].flatMap(
		(code): Array<[number, Fault]> => [
			[1, status(code, { accepted: true })],
			[0.5, status(code, { accepted: false, body: 'html' })],
		],
	),
	[2, { kind: 'reset', when: 'after-read', accepted: true }],
	[1, { kind: 'reset', when: 'mid-body', accepted: true }],
	[1, { kind: 'reset', when: 'before-read' }],
	[1, { kind: 'truncate', accepted: true }],
	[1, { kind: 'body', text: '{"task', accepted: true }],
	[1, { kind: 'body', text: '{}', accepted: true }],
];

const QUERY: Array<[number, Fault | undefined]> = [
	[70, undefined],
	[4, status(429)],
	[1, status(429, { headers: { 'retry-after': '8' } })],
	[3, status(500)],
	[3, status(502, { body: 'html' })],
	[2, { kind: 'reset', when: 'after-read' }],
	[2, { kind: 'reset', when: 'mid-body' }],
	[2, { kind: 'truncate' }],
	[2, { kind: 'body', text: '<p>' }],
	[
		2,
		{
			kind: 'body',
			text: perService({
				imini: '{"status":"dreaming"}',
				modelStudio: '{"output":{"task_status":"DREAMING"}}',
			}),
		},
	],
	[1, status(404)],
	[1, status(403)],
];

const MEDIA: Array<[number, Fault | undefined]> = [
	[70, undefined],
	[6, status(503)],
	[4, status(404)],
	[5, { kind: 'reset', when: 'mid-body' }],
	[5, { kind: 'truncate' }],
	[5, { kind: 'status', status: 200, body: 'html' }],
];

const OUTCOMES: Array<[number, Outcome]> = [
	[80, {}],
	[12, { result: 'failed', error: { message: 'It was canceled' } }],
	[3, { result: 'never' }],
	[3, { result: 'expired' }],
	[5, { afterSeconds: 40 }],
	[4, { statuses: ['pending', 'warming up'] }],
	[3, perService<Outcome>({ imini: { videos: 2 }, modelStudio: { result: 'canceled' } })],
];

/** Outcomes after which an item may be ordered again. */
const FREEING: ReadonlyArray<Outcome['result']> = ['failed', 'canceled'];

/** Adds the faults of a seed. They depend on the item and how often it was up for one, not on the order of arrival. */
function layFaults({ simulator }: World, seed: number): void {
	const counts = new Map<string, number>();
	const nth = (key: string) => {
		counts.set(key, (counts.get(key) ?? 0) + 1);
		return counts.get(key) ?? 0;
	};
	const promptOf = ({ taskId = '' }: RecordedRequest) => simulator.tasks.get(taskId)?.prompt ?? '';
	const draw = (phase: string, prompt: string, choices: Array<[number, Fault | undefined]>) =>
		pick(chance(seed, phase, prompt, nth(phase + prompt)), choices);
	const submitFault = ({ prompt = '' }: RecordedRequest) => {
		const run = prompt.split('.')[1];
		// Some runs are gentle: an unclear answer ends a run with On Error = stop for good
		const unsure = chance(seed, 'unsure', run) < 0.5 ? 0 : 12;
		const kind = pick<Array<[number, Fault | undefined]>>(
			chance(seed, 'kind', prompt, nth(`kind${prompt}`)),
			[
				[75, [[1, undefined]]],
				[8, SUBMIT_BUSY],
				[5, SUBMIT_REFUSED],
				[unsure, SUBMIT_UNSURE],
			],
		);
		return draw('submit', prompt, kind);
	};
	simulator.faults.push(
		{ on: 'submit', times: Infinity, fault: submitFault },
		{ on: 'query', times: Infinity, fault: (query) => draw('query', promptOf(query), QUERY) },
		{ on: 'media', times: Infinity, fault: (media) => draw('media', promptOf(media), MEDIA) },
	);
	simulator.outcomes.push({
		times: Infinity,
		outcome: ({ prompt = '' }: SimulatedTask) =>
			pick(chance(seed, 'outcome', prompt, nth(`outcome${prompt}`)), OUTCOMES),
	});
}

/** One run with all its retries: every execution of it, the last one last. */
async function exhaust({ engine }: World, seed: number, run: number): Promise<Execution[]> {
	const dice = (what: string) => chance(seed, 'run', run, what);
	const options = {
		timeout: 1,
		pollInterval: 6,
		maxTasksInFlight: dice('flight') < 0.5 ? 10 : ITEMS,
	};
	const request = {
		parameters: here({ prompt: '={{ $json.prompt }}', options } as INodeParameters),
		items: Array.from({ length: ITEMS }, (_, item) => ({
			json: { prompt: `${seed}.${run}.${item}` },
		})),
		retryOnFail: dice('retry') < 0.7,
		maxTries: 2 + Math.floor(dice('tries') * 3),
		...(dice('error') < 0.4 ? { onError: 'continueRegularOutput' as const } : {}),
	};
	const executions = [await engine.runNode(request)];
	for (let tries = 0; tries < RETRIES && executions.at(-1)?.status === 'error'; tries += 1) {
		// Sometimes of an older execution: n8n offers that as well
		const from = chance(seed, 'from', run, tries) < 0.15 ? 0 : executions.length - 1;
		executions.push(await engine.retry(executions[from]));
	}
	return executions;
}

const world = useFaultWorld({ simulator: { mediaBytes: 4096 } });

/** Tasks of all seeds. */
let ordered = 0;

beforeAll(() => {
	// None of these faults hangs: a busy machine must not look like one that does
	clock.requestTimeout = () => PATIENCE_MS;
});

afterEach(() => jest.restoreAllMocks());

it.each(seeds)(
	`seed %i: ${RUNS * ITEMS} items`,
	async (seed) => {
		let drawn = 0;
		jest.spyOn(Math, 'random').mockImplementation(() => chance(seed, 'jitter', (drawn += 1)));
		layFaults(world, seed);
		const runs = await Promise.all(
			Array.from({ length: RUNS }, async (_, run) => await exhaust(world, seed, run)),
		);
		const report: string[] = [];
		const tasks = [...world.simulator.tasks.values()];
		for (const [run, executions] of runs.entries()) {
			const told = executions.map(({ items, error, logs }) =>
				JSON.stringify([
					items.map(({ json }) => json),
					error?.message,
					error?.description,
					error?.context,
					logs.map(({ message }) => message),
				]),
			);
			for (let item = 0; item < ITEMS; item += 1) {
				const prompt = `${seed}.${run}.${item}`;
				const own = tasks.filter((task) => task.prompt === prompt);
				if (own.slice(0, -1).some(({ outcome }) => !FREEING.includes(outcome.result)))
					report.push(`${prompt} was bought twice: ${own.map(({ id }) => id).join(', ')}`);
				for (const { id } of own) {
					// Without a fault, and with a client that waited for it
					const answered = world.simulator
						.ofKind('submit')
						.some(({ taskId, fault, aborted }) => taskId === id && !fault && !aborted);
					const named = told.some((text) => text.includes(id));
					const warned = told.some((text) => text.includes(`item ${item} may have been ordered`));
					// An ID may have been heard in spite of a fault
					if (!named && (answered || !warned)) report.push(`${prompt}: task ${id} is lost`);
				}
				const delivered = executions.at(-1)?.items[item]?.json;
				if (delivered?.task_id !== undefined && !own.some(({ id }) => id === delivered.task_id))
					report.push(`${prompt} got the video of another item`);
			}
		}
		if (report.length > 0)
			throw new Error(`CHAOS_SEED=${seed} at ${serviceUnderTest}\n${report.join('\n')}`);
		// A run that gives up doesn't wait for a query that it has begun, and n8n may send that one a little later. A run
		// that still polled would do so every 30 ms
		let late = await requestsSentWithin(50);
		for (let looks = 0; late.length > 0 && looks < 20; looks += 1) {
			late = await requestsSentWithin(50);
		}
		expect(late).toEqual([]);
		ordered += tasks.length;
	},
	PATIENCE_MS,
);

it('enough of all these items are ordered', () => {
	expect(ordered).toBeGreaterThan(seeds.length * RUNS * ITEMS * 0.2);
});
