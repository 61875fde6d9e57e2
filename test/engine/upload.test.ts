// Edit Video from a file at Model Studio: the file is uploaded, so n8n may live where nobody can reach it.
import type { INodeParameters } from 'n8n-workflow';
import type { ItemSpec } from '../../tools/engine/engine';
import { mp4 } from '../../tools/images';
import type { Fault } from '../../tools/simulator/simulator';
import { errorOf, requestsSentWithin, until } from './faults/scene';
import { API_KEY, startWorld, useWorld } from './world';

const world = useWorld({
	simulator: { service: 'modelStudio', secondsPerTask: 4 },
	engine: { instanceUrl: 'http://localhost:5678' },
});

const content = mp4(200_000);
const clip: ItemSpec = {
	json: {},
	binary: { data: { content, fileName: 'clip.mp4', mimeType: 'video/mp4' } },
};
const parameters: INodeParameters = {
	service: 'modelStudio',
	operation: 'editVideo',
	prompt: 'Make it snow',
	videoSource: 'binary',
};

const uploads = () => world.simulator.ofKind('upload');

it('works from an n8n that nobody can reach, and the key goes to the service only', async () => {
	const { status, items } = await world.engine.runNode({ parameters, items: [clip] });
	expect(status).toBe('success');
	expect(items[0].json).toMatchObject({ operation: 'editVideo', billed_seconds: 10 });
	const [[key, file]] = world.simulator.uploads;
	expect(file.bytes.equals(content)).toBe(true);
	const [{ body, headers }] = world.simulator.ofKind('submit');
	expect(Object(body).input.media).toEqual([{ type: 'video', url: `oss://${key}` }]);
	expect(headers).toMatchObject({ 'x-dashscope-ossresourceresolve': 'enable' });
	const [policy] = world.simulator.ofKind('policy');
	expect(policy.path).toContain('action=getPolicy&model=happyhorse-1.0-video-edit');
	expect(policy.headers.authorization).toBe(`Bearer ${API_KEY}`);
	expect(JSON.stringify(uploads().map(({ headers: sent }) => sent))).not.toContain(API_KEY);
	expect(uploads()[0].headers).not.toHaveProperty('authorization');
	// Streamed, and its length said before
	expect(uploads()[0].headers).not.toHaveProperty('transfer-encoding');
	expect(Number(uploads()[0].headers['content-length'])).toBeGreaterThan(content.length);
});

/** What can go wrong on the way there, and how often it is tried in vain. */
const TROUBLES: Array<[string, 'policy' | 'upload', Fault]> = [
	['500 for the policy', 'policy', { kind: 'status', status: 500 }],
	['an answer that is lost', 'upload', { kind: 'reset', when: 'after-read', accepted: true }],
];

describe.each(TROUBLES)('%s', (_what, on, fault) => {
	it('once: is tried again, and orders once', async () => {
		world.fail(on, fault);
		const { status } = await world.engine.runNode({ parameters, items: [clip] });
		expect(status).toBe('success');
		expect(world.bill()).toEqual({ submits: 1, tasks: 1 });
	});

	it('all the time: nothing was ordered, it says so, and a retry uploads anew', async () => {
		world.fail(on, fault, Infinity);
		const failed = await world.engine.runNode({ parameters, items: [clip] });
		expect(errorOf(failed)).toMatchObject({
			message: 'The video could not be uploaded to the HappyHorse service',
			description: expect.stringMatching(/^Nothing was ordered for this item\./),
		});
		expect(world.bill()).toEqual({ submits: 0, tasks: 0 });
		expect(world.entries()).toEqual([]);
		world.simulator.faults.length = 0;
		const before = uploads().length;
		expect((await world.engine.retry(failed)).status).toBe('success');
		expect(uploads()).toHaveLength(before + 1);
		expect(world.bill()).toEqual({ submits: 1, tasks: 1 });
	});
});

it('401 InvalidApiKey for the policy is a refusal: nothing is sent again', async () => {
	world.fail('policy', { kind: 'status', status: 401, body: { code: 'InvalidApiKey' } });
	const failed = await world.engine.runNode({ parameters, items: [clip] });
	expect(errorOf(failed)?.message).toMatch(/does not accept the API key here/);
	expect(world.simulator.requests).toHaveLength(1);
});

it('an order that has to wait is not uploaded again', async () => {
	world.fail('submit', 429, 2);
	const { status } = await world.engine.runNode({ parameters, items: [clip] });
	expect(status).toBe('success');
	expect(uploads()).toHaveLength(1);
	expect(world.bill()).toEqual({ submits: 3, tasks: 1 });
});

it('a stop while it is uploaded ends it at once, and orders nothing', async () => {
	world.fail('upload', { kind: 'hang' });
	const running = world.engine.startNode({ parameters, items: [clip] });
	await until(() => uploads().length === 1);
	const before = Date.now();
	running.cancel();
	expect((await running.result).status).toBe('canceled');
	expect(Date.now() - before).toBeLessThan(1000);
	expect(await requestsSentWithin(50)).toEqual([]);
	expect(world.bill()).toEqual({ submits: 0, tasks: 0 });
	expect(world.entries()).toEqual([]);
});

it('what an upload is signed with is in no error, though the storage repeats it', async () => {
	const policy = 'eyJleHBpcmF0aW9uIjoiMjAyNiJ9';
	const signature = 'lDqHq5lJEYRcNpn3bUqZ7Zb4hAs=';
	const owner = 'LTAI5tBpVhkYDgLsoQK5zTk9';
	const as = (answer: Record<string, unknown>) => ({
		data: { ...Object(answer.data), policy, signature, oss_access_key_id: owner },
	});
	world.fail('policy', { kind: 'reshaped', as }, Infinity);
	// As Alibaba's OSS answers
	const text = `<Error><Code>SignatureDoesNotMatch</Code><OSSAccessKeyId>${owner}</OSSAccessKeyId><SignatureProvided>${signature}</SignatureProvided><StringToSign>${policy}</StringToSign></Error>`;
	const fault: Fault = { kind: 'body', status: 403, text };
	world.fail('upload', fault, Infinity);
	const failed = await world.engine.runNode({ parameters, items: [clip] });
	expect(errorOf(failed)?.description).toContain('SignatureDoesNotMatch');
	for (const secret of [policy, signature, owner])
		expect(JSON.stringify(failed.data)).not.toContain(secret);
});

describe('where the service takes no uploads', () => {
	const notHere: Fault = { kind: 'status', status: 404, body: 'html' };

	it('the file goes by a link of this n8n', async () => {
		const reachable = await startWorld({
			simulator: { service: 'modelStudio', secondsPerTask: 4 },
		});
		reachable.simulator.faults.push({ on: 'policy', fault: notHere });
		const { status } = await reachable.engine.runNode({ parameters, items: [clip] });
		expect(status).toBe('success');
		const [{ body, headers }] = reachable.simulator.ofKind('submit');
		expect(Object(body).input.media[0].url).toMatch(/^https:\/\/n8n\.example\.com\//);
		expect(headers).not.toHaveProperty('x-dashscope-ossresourceresolve');
		await reachable.end();
	});

	it('nothing is ordered where this n8n can not be reached either', async () => {
		world.fail('policy', notHere);
		const failed = await world.engine.runNode({ parameters, items: [clip] });
		expect(errorOf(failed)?.message).toContain('it takes no uploads at this address');
		expect(world.bill()).toEqual({ submits: 0, tasks: 0 });
	});
});
