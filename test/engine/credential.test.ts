// The credential: where requests go, and what the user is told when they can't go anywhere.
import { API_KEY, useWorld } from './world';

const world = useWorld({ simulator: { secondsPerTask: 1 } });

const parameters = { prompt: 'A horse', downloadVideo: false };

/** Another credential than the usual one. */
const credential = (baseUrl: string | number, apiKey = API_KEY) => ({
	happyHorse: { type: 'happyHorseApi', data: { apiKey, baseUrl } },
});

it.each(['/', '///', '/ ', ' '])('a base URL may end in %j', async (ending) => {
	const { status } = await world.engine.runNode({
		parameters,
		credentials: credential(world.simulator.baseUrl + ending),
	});
	expect(status).toBe('success');
	const paths = world.simulator.requests.map(({ path }) => path);
	expect(paths[0]).toBe('/imini/router/v1/videos/generate');
	expect(paths[1]).toMatch(/^\/imini\/router\/v1\/videos\/tasks\/task_\d+$/);
});

it.each(['', 'openapi.imini.ai', 'ftp://a.example', 'https://', 'https:// a', 8080])(
	'a base URL that is no web address is said to be none: %j',
	async (baseUrl) => {
		const { error } = await world.engine.runNode({ parameters, credentials: credential(baseUrl) });
		expect(error?.message).toBe('The Base URL of the HappyHorse credential is not a valid URL');
		expect(error?.description).toMatch(/^Nothing was ordered for this item\. ./);
		expect(world.simulator.requests).toEqual([]);
	},
);

it('a credential that is gone is said to be unreadable, and nothing is sent', async () => {
	const { error } = await world.engine.runNode({
		parameters,
		credentials: { happyHorse: { type: 'anotherApi', data: {} } },
	});
	expect(error?.message).toBe(
		'No HappyHorse credential was chosen when this ran, or it could not be read',
	);
	expect(error?.description).toMatch(
		/^Nothing was ordered for this item\. Open the node, choose the credential/,
	);
	expect(world.simulator.requests).toEqual([]);
});

it('a key that is wrong orders nothing, is tried once, and is not told', async () => {
	const apiKey = 'sk-a-key-that-is-not-valid';
	const execution = await world.engine.runNode({
		parameters,
		credentials: credential(world.simulator.baseUrl, apiKey),
	});
	expect(execution.error?.message).toBe('The HappyHorse service does not accept the API key');
	expect(world.simulator.requests).toHaveLength(1);
	expect(JSON.stringify([execution.error, execution.data, execution.logs])).not.toContain(apiKey);
});

it('a key with a line break behind it, as it was pasted, is not told either', async () => {
	world.fail('submit', {
		kind: 'status',
		status: 400,
		body: { code: API_KEY, request_id: API_KEY },
	});
	const execution = await world.engine.runNode({
		parameters,
		credentials: credential(world.simulator.baseUrl, `${API_KEY}\n`),
	});
	expect(execution.error?.description).toContain('Code: ….');
	expect(JSON.stringify([execution.error, execution.data, execution.logs])).not.toContain(API_KEY);
});

it.each(['', ' ', 'Bearer '])(
	'an empty key is said to be that, and nothing is sent: "%s"',
	async (key) => {
		const { error } = await world.engine.runNode({
			parameters,
			credentials: credential(world.simulator.baseUrl, key),
		});
		expect(error?.message).toBe('The API key of the HappyHorse credential is empty');
		expect(world.simulator.requests).toEqual([]);
	},
);

it.each(['#', '?x=1', '#/a', '/#/videos'])(
	'a Base URL of a web page is refused: …%s',
	async (ending) => {
		const baseUrl = world.simulator.baseUrl + ending;
		const { error } = await world.engine.runNode({ parameters, credentials: credential(baseUrl) });
		expect(error?.message).toContain('has a ? or # in it');
		expect(world.simulator.requests).toEqual([]);
	},
);
