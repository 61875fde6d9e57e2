// The credential of Model Studio: where its regions lead, and what its Test says, over real HTTP and for nothing.
import { Redactor } from '../../nodes/HappyHorse/service/redact';
import fc from 'fast-check';
import { CredentialTestContext } from 'n8n-core';
import { HappyHorseModelStudioApi } from '../../credentials/HappyHorseModelStudioApi.credentials';
import { HappyHorse } from '../../nodes/HappyHorse/HappyHorse.node';
import { checkedAccount } from '../../nodes/HappyHorse/service/httpService';
import { pagesOf, REGIONS } from '../../nodes/HappyHorse/service/modelStudio/address';
import { MODEL_STUDIO } from '../../nodes/HappyHorse/service/modelStudio/modelStudio';
import { Verdicts } from '../../nodes/HappyHorse/service/verdict';
import type { Fault } from '../../tools/simulator/simulator';
import { API_KEY, useWorld } from './world';

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
	['beijing', 'llm-1', 'https://llm-1.cn-beijing.maas.aliyuncs.com'],
	['hongKong', 'llm-1', 'https://llm-1.cn-hongkong.maas.aliyuncs.com'],
	['virginia', '', 'https://dashscope-us.aliyuncs.com'],
	['frankfurt', ' llm-1 ', 'https://llm-1.eu-central-1.maas.aliyuncs.com'],
])('the region %s with the workspace "%s" is at %s', (region, workspaceId, baseUrl) => {
	expect(checkedAccount(MODEL_STUDIO, { apiKey: 'sk-1', region, workspaceId })).toMatchObject({
		account: { baseUrl, key: 'sk-1' },
	});
});

it.each(['/api/v1', '/compatible-mode/v1', '/api/v1/'])('a Base URL may end in %s', (ending) => {
	const baseUrl = `https://gateway.example/x${ending}`;
	expect(checkedAccount(MODEL_STUDIO, { apiKey: 'sk-1', region: 'other', baseUrl })).toMatchObject({
		account: { baseUrl: 'https://gateway.example/x' },
	});
});

it.each([
	[{ region: 'frankfurt', workspaceId: '' }, /Workspace ID .* is missing/],
	[{ region: 'hongKong', workspaceId: '' }, /Workspace ID .* is missing/],
	[{ region: 'frankfurt', workspaceId: 'evil.example/' }, /Workspace ID/],
	[{ region: 'moon' }, /Region .* is none/],
	[{ baseUrl: 'dashscope.aliyuncs.com' }, /must start with https/],
	[{ apiKey: 'sk-ab…yz' }, /Copy the whole key again/],
	[{ apiKey: '' }, /API key .* is empty/],
	[{ baseUrl: 'https://gateway.example/#/keys' }, /has a \? or # in it/],
])('%j is said to be wrong, and nothing is sent', async (change, message) => {
	expect(await tested(change)).toEqual({
		status: 'Error',
		message: expect.stringMatching(message),
	});
	expect(world.simulator.requests).toEqual([]);
});

it('passes with a good key, and orders nothing', async () => {
	expect(await tested()).toMatchObject({ status: 'OK' });
	expect(world.simulator.ofKind('models')).toHaveLength(1);
	expect(world.simulator.tasks.size).toBe(0);
});

it('a wrong key is told from a right one, and the field that leads to the service is named', async () => {
	const { status, message } = await tested({ apiKey: 'sk-of-nobody' });
	expect([status, message]).toEqual([
		'Error',
		expect.stringMatching(/API key.*Check the Base URL:/),
	]);
});

describe('what is advised names fields that the form shows', () => {
	const { properties } = new HappyHorseModelStudioApi();
	const shown = (field: string, region: string) =>
		properties.some(
			({ displayName, displayOptions }) =>
				displayName === field && (displayOptions?.show?.region ?? [region]).includes(region),
		);

	it.each(REGIONS)('%s', (region) => {
		const { address } = pagesOf(region);
		for (const field of ['Region', 'Workspace ID', 'Base URL']) {
			if (address.includes(field)) expect(shown(field, region)).toBe(true);
		}
		// Where the address depends on it, it is named
		expect(address.includes('Workspace ID')).toBe(shown('Workspace ID', region));
		expect(address.includes('Base URL')).toBe(shown('Base URL', region));
	});
});

it.each<[string, Fault, RegExp]>([
	['a web page', { kind: 'body', text: '<html>' }, /not from Model Studio/],
	['a page with 401', { kind: 'status', status: 401, body: 'html' }, /not from Model Studio/],
	['429', { kind: 'status', status: 429 }, /too many requests/],
	['500', { kind: 'status', status: 500 }, /problem of its own/],
	['Arrearage', { kind: 'status', status: 403, body: { code: 'Arrearage' } }, /overdue/],
])('%s is named as what it is', async (_what, fault, message) => {
	world.fail('models', fault);
	expect((await tested()).message).toMatch(message);
});

it('a gateway without a list of models is asked about a task, which a good key may', async () => {
	const fault: Fault = { kind: 'status', status: 404, body: 'html' };
	world.fail('models', fault, 2);
	expect(await tested()).toMatchObject({ status: 'OK' });
	expect((await tested({ apiKey: 'sk-of-nobody' })).status).toBe('Error');
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
