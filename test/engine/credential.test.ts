// The credentials of both services: where requests go, what a run says when they can't go anywhere, and what the Test of
// n8n's panel says, over real HTTP and for nothing.
import fc from 'fast-check';
import { CredentialTestContext } from 'n8n-core';
import { HappyHorseModelStudioApi } from '../../credentials/HappyHorseModelStudioApi.credentials';
import { HappyHorse } from '../../nodes/HappyHorse/HappyHorse.node';
import { parseAccount } from '../../nodes/HappyHorse/service/httpService';
import { pagesOf, REGIONS } from '../../nodes/HappyHorse/service/modelStudio/address';
import { MODEL_STUDIO } from '../../nodes/HappyHorse/service/modelStudio/modelStudio';
import { Redactor } from '../../nodes/HappyHorse/service/redact';
import { Verdicts } from '../../nodes/HappyHorse/service/verdict';
import type { Fault } from '../../tools/simulator/simulator';
import { API_KEY, credentialOf, useWorld } from './world';

type Row = [fault: Fault, message: RegExp];

const answer = (status: number, body: unknown): Fault => ({
	kind: 'body',
	status,
	text: typeof body === 'string' ? body : JSON.stringify(body),
});

const PAGE: Fault = { kind: 'status', status: 401, body: 'html' };

describe('iMini', () => {
	const world = useWorld({ simulator: { secondsPerTask: 1 } });

	describe('a run', () => {
		const run = async (baseUrl: string | number, apiKey = API_KEY) =>
			await world.engine.runNode({
				parameters: { prompt: 'A horse', downloadVideo: false },
				credentials: { happyHorse: credentialOf('imini', baseUrl as string, apiKey) },
			});

		it.each(['///', '/ '])('has a base URL that may end in %j', async (ending) => {
			expect((await run(world.simulator.baseUrl + ending)).status).toBe('success');
			const paths = world.simulator.requests.map(({ path }) => path);
			expect(paths[0]).toBe('/imini/router/v1/videos/generate');
			expect(paths[1]).toMatch(/^\/imini\/router\/v1\/videos\/tasks\/task_\d+$/);
		});

		it.each<[what: string, baseUrl: string | number, key: string, message: RegExp]>([
			['no base URL', '', API_KEY, /Base URL .* is not a valid URL/],
			['a line break in it', 'https://a.exa\nmple', API_KEY, /Base URL .* is not a valid URL/],
			['megabytes of it', `https://a/${'b'.repeat(5e6)}`, API_KEY, /is not a valid URL/],
			['a key of megabytes', 'https://a.example', 'b'.repeat(5e6), /length that no key has/],
			['a hidden end', 'https://a.example/x/\u200b', API_KEY, /Base URL .* is not a valid URL/],
			['one without https://', 'openapi.imini.ai', API_KEY, /is not a valid URL/],
			['a number', 8080, API_KEY, /is not a valid URL/],
			['that of a web page', 'https://a.example/#/a', API_KEY, /has a \? or # in it/],
			['a password in it', 'https://a:secret@a.example', API_KEY, /user name or password/],
			['an empty key', 'https://a.example', 'Bearer ', /^The API key .* is empty$/],
		])('with %s sends nothing, and says so', async (_what, baseUrl, key, message) => {
			const { error } = await run(baseUrl, key);
			expect(error?.message).toMatch(message);
			expect(error?.description).toMatch(/^Nothing was ordered for this item\. ./);
			expect(JSON.stringify(error)).not.toContain('secret');
			expect(world.simulator.requests).toEqual([]);
		});

		it('without a credential sends nothing, and says so', async () => {
			const { error } = await world.engine.runNode({
				parameters: { prompt: 'A horse' },
				credentials: { happyHorse: { type: 'anotherApi', data: {} } },
			});
			expect(error?.message).toBe(
				'No HappyHorse credential was chosen when this ran, or it could not be read',
			);
			expect(error?.description).toMatch(
				/^Nothing was ordered for this item\. Open the node, choose the credential/,
			);
		});

		it('with a wrong key orders nothing, is tried once, and does not tell the key', async () => {
			const apiKey = 'sk-a-key-that-is-not-valid';
			const { error, data, logs } = await run(world.simulator.baseUrl, apiKey);
			expect(error?.message).toBe('The HappyHorse service does not accept the API key');
			expect(world.simulator.requests).toHaveLength(1);
			expect(JSON.stringify([error, data, logs])).not.toContain(apiKey);
		});

		it('with a line break behind its key, as it was pasted, does not tell that either', async () => {
			const body = { code: API_KEY, request_id: API_KEY };
			world.fail('submit', { kind: 'status', status: 400, body });
			const { error, data, logs } = await run(world.simulator.baseUrl, `${API_KEY}\n`);
			expect(error?.description).toContain('Code: ….');
			expect(JSON.stringify([error, data, logs])).not.toContain(API_KEY);
		});
	});

	describe('the Test', () => {
		async function tested(change: object = {}) {
			const data = { apiKey: API_KEY, baseUrl: world.simulator.baseUrl, ...change };
			return await new HappyHorse().methods.credentialTest.happyHorseApi.call(
				new CredentialTestContext(),
				{ id: '1', name: 'Mine', type: 'happyHorseApi', data },
			);
		}

		afterEach(() => expect(world.simulator.tasks.size).toBe(0));

		it.each([API_KEY, ` Bearer ${API_KEY}\n`, `"${API_KEY}"`])(
			'passes when the service knows no such task: only a good key gets that far (%j)',
			async (apiKey) => expect(await tested({ apiKey })).toMatchObject({ status: 'OK' }),
		);

		it.each<[object, RegExp]>([
			[{ baseUrl: 'openapi.imini.ai/imini/router' }, /must start with https:\/\//],
			[{ baseUrl: 'https://me:secret@openapi.imini.ai' }, /user name or password/],
			[{ apiKey: 'sk-ab…yz' }, /Copy the whole key again/],
			[{ apiKey: 'sk-1\nsk-2' }, /Copy the whole key again/],
			[{ apiKey: 'sk\u200b1' }, /Copy the whole key again/],
		])('says that %j is wrong, and sends nothing', async (change, message) => {
			const told = await tested(change);
			expect(told).toEqual({ status: 'Error', message: expect.stringMatching(message) });
			expect(world.simulator.requests).toEqual([]);
		});

		it('tells a wrong key from a right one', async () => {
			expect((await tested({ apiKey: 'sk-of-nobody' })).message).toMatch(
				/does not accept this API key.*imini\.ai\/api-keys.*key of Alibaba Model Studio\?/,
			);
		});

		it.each([API_KEY, 'sk-of-nobody'])('does not pass a mistyped path (%s)', async (apiKey) => {
			const baseUrl = world.simulator.baseUrl.replace(/.$/, '');
			expect((await tested({ baseUrl, apiKey })).status).toBe('Error');
		});

		const refusal = (status: number, code: string) =>
			answer(status, { error: { code, message: 'As told', status, request_id: 'req_1' } });

		it.each<Row>([
			[refusal(404, 'NOT_FOUND'), /keeps no tasks at this address.*Base URL/],
			[refusal(402, 'INSUFFICIENT_CREDITS'), /not enough credits.*Add credits/],
			[refusal(403, 'FORBIDDEN'), /does not let this API key in.*Check/],
			[refusal(429, 'RATE_LIMITED'), /too many requests.*Try again in a minute/],
			[refusal(400, 'INVALID_PARAMETER'), /refused the test request.*Base URL/],
			[refusal(500, 'INTERNAL'), /problem of its own.*Try again later/],
			[answer(200, '<html>Welcome</html>'), /not from iMini.*Base URL/],
			[answer(404, { message: 'no Route matched' }), /not from iMini.*Base URL/],
			[answer(200, { task_id: 'task_1', status: 'queued' }), /not from iMini.*Base URL/],
			[answer(200, { status: 'queued' }), /not from iMini.*Base URL/],
			[PAGE, /not from iMini.*Base URL/],
			[
				{ kind: 'status', status: 302, headers: { location: 'https://a.example/' } },
				/not from iMini/,
			],
		])('names an answer as what it is: %j', async (fault, message) => {
			world.fail('query', fault);
			const told = await tested();
			expect(told).toEqual({ status: 'Error', message: expect.stringMatching(message) });
			expect(told.message).not.toMatch(/\.$/);
		});

		it('says that a host can’t be reached', async () => {
			await world.simulator.goOffline();
			const { message } = await tested();
			await world.simulator.goOnline();
			expect(message).toMatch(/could not be reached \(ECONNREFUSED\).*Base URL/);
		});
	});
});

describe('Model Studio', () => {
	const world = useWorld({ simulator: { service: 'modelStudio' } });

	async function tested(change: object = {}) {
		const { baseUrl } = world.simulator;
		const data = { apiKey: API_KEY, region: 'other', baseUrl, ...change };
		return await new HappyHorse().methods.credentialTest.happyHorseModelStudioApi.call(
			new CredentialTestContext(),
			{ id: '1', name: 'Mine', type: 'happyHorseModelStudioApi', data },
		);
	}

	it.each([
		['beijing', '', 'https://dashscope.aliyuncs.com'],
		['beijing', 'llm-1', 'https://llm-1.cn-beijing.maas.aliyuncs.com'],
		['hongKong', 'llm-1', 'https://llm-1.cn-hongkong.maas.aliyuncs.com'],
		['singapore', '', 'https://dashscope-intl.aliyuncs.com'],
		['singapore', 'llm-1', 'https://llm-1.ap-southeast-1.maas.aliyuncs.com'],
		['virginia', '', 'https://dashscope-us.aliyuncs.com'],
		['frankfurt', ' llm-1 ', 'https://llm-1.eu-central-1.maas.aliyuncs.com'],
	])('the region %s with the workspace "%s" is at %s', (region, workspaceId, baseUrl) => {
		const fields = { apiKey: 'sk-1', region, workspaceId };
		expect(parseAccount(MODEL_STUDIO, fields)).toMatchObject({ baseUrl, key: 'sk-1' });
	});

	it.each(['/api/v1', '/compatible-mode/v1', '/api/v1/'])('a Base URL may end in %s', (ending) => {
		const account = { baseUrl: 'https://gateway.example/x' };
		const data = { apiKey: 'sk-1', region: 'other', baseUrl: account.baseUrl + ending };
		expect(parseAccount(MODEL_STUDIO, data)).toMatchObject(account);
	});

	it.each([
		[{ region: 'frankfurt', workspaceId: '' }, /Workspace ID .* is missing/],
		[{ region: 'hongKong', workspaceId: '' }, /Workspace ID .* is missing/],
		[{ region: 'frankfurt', workspaceId: 'evil.example/' }, /Workspace ID/],
		[{ region: 'moon' }, /Region .* is none/],
		[{ apiKey: undefined }, /API key .* is empty/],
	])('the Test says that %j is wrong, and sends nothing', async (change, message) => {
		const told = await tested(change);
		expect(told).toEqual({ status: 'Error', message: expect.stringMatching(message) });
		expect(world.simulator.requests).toEqual([]);
	});

	it('the Test passes with a good key alone, orders nothing, and names the field that leads to the service', async () => {
		expect(await tested()).toMatchObject({ status: 'OK' });
		expect(world.simulator.ofKind('models')).toHaveLength(1);
		expect(world.simulator.tasks.size).toBe(0);
		const wrong = await tested({ apiKey: 'sk-of-nobody' });
		expect(wrong.message).toMatch(/API key.*Check the Base URL:/);
	});

	it.each<Row>([
		[answer(200, '<html>'), /not from Alibaba Model Studio/],
		[PAGE, /not from Alibaba Model Studio/],
		[{ kind: 'status', status: 429 }, /too many requests/],
		[{ kind: 'status', status: 500 }, /problem of its own/],
		[{ kind: 'status', status: 403, body: { code: 'Arrearage' } }, /overdue/],
	])('the Test names an answer as what it is: %j', async (fault, message) => {
		world.fail('models', fault);
		expect((await tested()).message).toMatch(message);
	});

	it('a gateway without a list of models is asked about a task, which a good key may', async () => {
		world.fail('models', { kind: 'status', status: 404, body: 'html' }, 2);
		expect(await tested()).toMatchObject({ status: 'OK' });
		expect((await tested({ apiKey: 'sk-of-nobody' })).status).toBe('Error');
	});

	it.each(REGIONS)('what is advised names fields that the form shows: $name', (region) => {
		const { properties } = new HappyHorseModelStudioApi();
		const { address } = pagesOf(region);
		const isShown = (field: string) =>
			properties.some(
				({ displayName, displayOptions }) =>
					displayName === field &&
					(displayOptions?.show?.region ?? [region.name]).includes(region.name),
			);
		if (address.includes('Region')) expect(isShown('Region')).toBe(true);
		// Where the address depends on it, it is named
		for (const field of ['Workspace ID', 'Base URL'])
			expect(address.includes(field)).toBe(isShown(field));
	});

	it('whatever JSON comes, it is read without throwing, and accepts no order without a usable id', () => {
		fc.assert(
			fc.property(fc.json(), fc.integer({ min: 200, max: 599 }), (text, status) => {
				const exchange = { kind: 'answer', status, headers: {}, text } as const;
				const verdicts = new Verdicts(MODEL_STUDIO, new Redactor(''));
				const kinds = [verdicts.submit(exchange).kind, verdicts.query(exchange).kind];
				expect(kinds).not.toContain('accepted');
			}),
		);
	});
});
