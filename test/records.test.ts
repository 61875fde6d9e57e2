// Records of what services were asked and answered (`npm run demo -- --live`): the parsers read them as they did then, the
// simulators take what the services take, and nothing secret is in them. Another record is another file in `records`.
/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals -- a test: it runs in Node, never in n8n */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkContract, doorsIn, modesIn } from '../tools/contract/check';
import { findings, type ContractRecord } from '../tools/contract/record';
import { Simulator } from '../tools/simulator/simulator';
import { API_KEY, useWorld } from './engine/world';

const folder = join(__dirname, 'records');
const textOf = (name: string) => readFileSync(join(folder, name), 'utf8');
const parsed = (text: string) => JSON.parse(text) as ContractRecord;
const simulated = textOf('simulators.json');

const SECRETS = /base64|Signature|\bsk-|Bearer|[\w+/]{120}/;

describe.each(readdirSync(folder))('%s', (name) => {
	it('is read as it was when it was made', () => {
		expect(findings(parsed(textOf(name)))).toEqual([]);
	});

	it('holds no key, no signature and no file', () => {
		expect(textOf(name)).not.toMatch(SECRETS);
	});
});

it.each([
	['the ID of an accepted order', '"task_id"', '"id"'],
	["iMini's status", '"status": "succeeded"', '"state": "succeeded"'],
	["iMini's word for success", '"status": "succeeded"', '"status": "done"'],
	["iMini's link", '"url": "http', '"link": "http'],
	["Model Studio's status", '"task_status"', '"state"'],
	["Model Studio's link", '"video_url"', '"url"'],
	["Model Studio's bill", '"usage"', '"bill"'],
	['the prompt of an order', '"prompt"', '"text"'],
	['a model', 'happyhorse-1.1-t2v', 'happyhorse-2.0-t2v'],
	['a header of an order', '"x-dashscope-async"', '"x-async"'],
])('a record is red where this is another: %s', (_what, before, after) => {
	expect(simulated).toContain(before);
	expect(findings(parsed(simulated.replaceAll(before, after)))).not.toEqual([]);
});

describe('the check that makes one', () => {
	const world = useWorld({ simulator: { service: 'imini' } });
	const output = mkdtempSync(join(tmpdir(), 'record-'));
	let modelStudio: Simulator;

	beforeAll(async () => {
		jest.spyOn(process.stdout, 'write').mockReturnValue(true);
		const options = { apiKey: API_KEY, secondsPerTask: 20, now: world.clock.now };
		modelStudio = await Simulator.start({ ...options, service: 'modelStudio' });
	});
	afterEach(() => modelStudio.reset());
	afterAll(async () => {
		await modelStudio.stop();
		rmSync(output, { recursive: true });
	});

	const doors = (key = API_KEY) =>
		doorsIn({
			HAPPYHORSE_API_KEY: key,
			HAPPYHORSE_BASE_URL: world.simulator.baseUrl,
			DASHSCOPE_API_KEY: key,
			DASHSCOPE_BASE_URL: modelStudio.baseUrl,
		});
	const check = async (isAgreed: (mode: string, question: string) => boolean) =>
		await checkContract(world.engine, doors(), output, 'made', async (...order) =>
			isAgreed(...order),
		);

	it('keeps the key, signatures and files out, also where a service repeats them', async () => {
		const message = `${API_KEY} data:image/png;base64,${'iVBOR'.repeat(40)} https://a.example/v.mp4?Signature=c2lnbmVk`;
		for (const { faults } of [world.simulator, modelStudio]) {
			const refusal = { kind: 'status', status: 400, body: { code: 'X', message } } as const;
			faults.push({ on: 'query', fault: { ...refusal, status: 500 } });
			faults.push({
				on: 'submit',
				match: ({ prompt }) => prompt === 'Let it snow.',
				fault: refusal,
			});
		}
		const { orders } = await check(() => true);
		const ends = orders.map(({ outcome }) => outcome === 'success');
		expect(ends).toEqual([true, true, true, false, true, true, true, false]);
		const text = readFileSync(join(output, 'made.json'), 'utf8');
		expect(parsed(text).orders).toHaveLength(8);
		expect(text).toContain('https://a.example/v.mp4?…');
		expect(text).not.toMatch(SECRETS);
	});

	it('orders what is agreed to, and an edit of iMini only where there is a video of its own', async () => {
		const record = await check((mode) => mode === 'edit');
		expect(record.orders).toMatchObject([{ service: 'modelStudio', mode: 'edit' }]);
		expect(findings(record)).toEqual([]);
		// Policy, order, and a query for each status; those that brought nothing new are counted
		const { exchanges } = record.orders[0];
		expect(exchanges.length).toBeLessThanOrEqual(5);
		expect(exchanges.some(({ repeats }) => repeats > 0)).toBe(true);
		expect([world.simulator.tasks.size, modelStudio.tasks.size]).toEqual([0, 1]);
	});

	it('sends nothing where nobody agrees', async () => {
		const asked: string[] = [];
		await check((_mode, question) => asked.push(question) < 0);
		expect(asked).toHaveLength(7);
		expect(asked[0]).toMatch(/^t2v from iMini \(http.*: 3 seconds in 720P, about 0\.42 USD$/);
		expect([...world.simulator.requests, ...modelStudio.requests]).toEqual([]);
	});

	it.each([
		['no key', () => doorsIn({}), /HAPPYHORSE_API_KEY=/],
		['half a key', () => doors('sk-…1234'), /Copy the whole key again/],
		['no region', () => doorsIn({ DASHSCOPE_API_KEY: 'k', DASHSCOPE_REGION: 'mars' }), /Region/],
		['no mode', () => modesIn('t2v,film'), /"film" is no mode.*t2v,i2v,r2v,edit/],
	])('says what to do where it gets %s', (_what, start, words) => {
		expect(start).toThrow(words);
	});
});
