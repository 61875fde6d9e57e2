// The Test of the credential, as n8n's panel runs it: over real HTTP, and without costing anything.
import { CredentialTestContext } from 'n8n-core';
import { HappyHorse } from '../../nodes/HappyHorse/HappyHorse.node';
import type { Fault } from '../../tools/simulator/simulator';
import { API_KEY, useWorld } from './world';

const world = useWorld();

/** What the panel shows for a credential. */
async function tested(change: object = {}) {
	const data = { apiKey: API_KEY, baseUrl: world.simulator.baseUrl, ...change };
	return await new HappyHorse().methods.credentialTest.happyHorseApi.call(
		new CredentialTestContext(),
		{ id: '1', name: 'Mine', type: 'happyHorseApi', data },
	);
}

afterEach(() => expect(world.simulator.tasks.size).toBe(0));

it.each([{}, { apiKey: ` Bearer ${API_KEY}\n` }, { apiKey: `"${API_KEY}"` }])(
	'passes when the service knows no such task: only a good key gets that far (%j)',
	async (change) => {
		expect(await tested(change)).toMatchObject({ status: 'OK' });
	},
);

it.each([
	['openapi.imini.ai/imini/router', /must start with https:\/\//],
	['', /must start with https:\/\//],
	['https://me:secret@openapi.imini.ai', /user name or password/],
])('the Base URL %j is said to be wrong, and nothing is sent', async (baseUrl, message) => {
	expect(await tested({ baseUrl })).toEqual({
		status: 'Error',
		message: expect.stringMatching(message),
	});
	expect(world.simulator.requests).toEqual([]);
});

it.each(['sk-ab…yz', 'sk-1\nsk-2', 'sk\u200b1'])('the key %j is said to be cut', async (apiKey) => {
	expect((await tested({ apiKey })).message).toMatch(/Copy the whole key again/);
	expect(world.simulator.requests).toEqual([]);
});

it('a wrong key is told from a right one', async () => {
	expect(await tested({ apiKey: 'sk-of-nobody' })).toEqual({
		status: 'Error',
		message: expect.stringMatching(
			/does not accept this API key.*imini\.ai\/api-keys.*key of Alibaba Model Studio\?/,
		),
	});
});

it('a mistyped path is not passed, whatever the key', async () => {
	const baseUrl = world.simulator.baseUrl.replace(/.$/, '');
	expect((await tested({ baseUrl })).status).toBe('Error');
	expect((await tested({ baseUrl, apiKey: 'sk-of-nobody' })).status).toBe('Error');
});

const answer = (status: number, body: unknown): Fault => ({
	kind: 'body',
	status,
	text: typeof body === 'string' ? body : JSON.stringify(body),
});

const refusal = (status: number, code: string | number) =>
	answer(status, { error: { code, message: 'Told by the service', status, request_id: 'req_1' } });

it.each([
	[404, 'NOT_FOUND', /keeps no tasks at this address.*Base URL/],
	[404, 404, /keeps no tasks at this address/],
	[401, 'UNAUTHORIZED', /does not accept this API key.*imini\.ai\/api-keys/],
	[402, 'INSUFFICIENT_CREDITS', /not enough credits/],
	[403, 'FORBIDDEN', /does not let this API key in/],
	[429, 'RATE_LIMITED', /too many requests.*Try again in a minute/],
	[400, 'INVALID_PARAMETER', /refused the test request.*Base URL/],
	[500, 'INTERNAL', /problem of its own.*Try again later/],
])('the service’s %i %s is named as what it is', async (status, code, message) => {
	world.fail('query', refusal(status, code));
	const told = await tested();
	expect(told).toEqual({ status: 'Error', message: expect.stringMatching(message) });
	expect(told.message).toMatch(/Check|Try again|Copy it|Add credits/);
	expect(told.message).not.toMatch(/\.$/);
});

it.each<[string, Fault]>([
	['a web page', answer(200, '<html>Welcome</html>')],
	['a page with 404', answer(404, '<html>404 Not Found</html>')],
	['a page with 401', answer(401, '<html>Log in</html>')],
	['another gateway', answer(404, { message: 'no Route matched' })],
	['a task', answer(200, { task_id: 'task_1', status: 'queued', error: null })],
	['a redirect', { kind: 'status', status: 302, headers: { location: 'https://a.example/' } }],
])('what is not the service is said not to be: %s', async (_what, fault) => {
	world.fail('query', fault);
	expect((await tested()).message).toMatch(/not from iMini.*Base URL/);
});

it('a host that can’t be reached is said to be', async () => {
	await world.simulator.goOffline();
	const { status, message } = await tested();
	await world.simulator.goOnline();
	expect(status).toBe('Error');
	expect(message).toMatch(/could not be reached \(ECONNREFUSED\).*Base URL/);
});
