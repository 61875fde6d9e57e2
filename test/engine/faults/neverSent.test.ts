// Requests that were never sent, over real sockets: known, told as what it is, and tried again only where it may pass by
// itself. service/http/neverSent.test.ts has all errors.
/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals -- a test: it runs in Node, never in n8n */
import type { AddressInfo, Server, Socket } from 'node:net';
import { createServer } from 'node:net';
import { clock } from '../../../nodes/HappyHorse/util/clock';
import { API_KEY } from '../world';
import { credentialsFor, errorOf, here, order, useFaultWorld } from './scene';

const world = useFaultWorld();

const NOTHING_ORDERED = /^Nothing was ordered for this item\./;
const ELSEWHERE = 'https://openapi.example.com/router';

const servers: Server[] = [];
const sockets = new Set<Socket>();

/** A port on loopback that does this with each connection, once something came over it; and what came. */
async function listen(answer: (socket: Socket) => void) {
	const received: string[] = [];
	const server = createServer((socket) => {
		sockets.add(socket);
		socket.on('error', () => {});
		socket.once('data', (data) => {
			received.push(data.toString('latin1').split('\r\n')[0]);
			answer(socket);
		});
	});
	servers.push(server);
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	return { address: `127.0.0.1:${(server.address() as AddressInfo).port}`, received };
}

afterEach(() => {
	jest.restoreAllMocks();
	for (const server of servers.splice(0)) server.close();
	for (const socket of sockets) socket.destroy();
	sockets.clear();
	for (const name of ['HTTPS_PROXY', 'NO_PROXY']) delete process.env[name];
});

/** Orders at an address; with the number of pauses between the tries (a deadline is longer). */
async function orderAt(baseUrl: string, apiKey = API_KEY) {
	const pauses = jest.spyOn(clock, 'sleep');
	const run = await world.run({ credentials: credentialsFor(baseUrl, apiKey) });
	return {
		run,
		error: errorOf(run),
		pauses: pauses.mock.calls.filter(([ms]) => ms < 60_000).length,
	};
}

/** Asks about the task that was just ordered, at another address. */
async function waitAt(baseUrl: string, apiKey = API_KEY, timeout = 0.2) {
	await world.run({ parameters: order({}, { waitForCompletion: false }) });
	const [taskId] = world.taskIds();
	const began = world.clock.now();
	const run = await world.engine.runNode({
		parameters: here({ resource: 'task', operation: 'wait', taskId, options: { timeout } }),
		credentials: credentialsFor(baseUrl, apiKey),
	});
	return { error: errorOf(run), ms: world.clock.now() - began };
}

describe.each<[what: string, answer: (socket: Socket) => void, message: string, tries: number]>([
	[
		'a TLS handshake that is closed',
		(socket) => socket.end(),
		'The HappyHorse service could not be reached',
		5,
	],
	[
		'a TLS handshake that is ended by an alert',
		(socket) => socket.end(Buffer.from([21, 3, 3, 0, 2, 2, 40])),
		'No secure connection to the HappyHorse service could be made',
		1,
	],
])('%s', (_what, answer, message, tries) => {
	it('nothing was ordered, and it is tried again only where that may help', async () => {
		const { address, received } = await listen(answer);
		const { error, pauses } = await orderAt(`https://${address}`);
		expect(error).toMatchObject({ message, description: expect.stringMatching(NOTHING_ORDERED) });
		expect([received.length, pauses]).toEqual([tries, tries - 1]);
	});
});

describe('a proxy', () => {
	/** Takes the place of HTTPS_PROXY for addresses that are not on this machine. */
	async function behindProxy(answer: string) {
		const proxy = await listen((socket) => socket.end(answer));
		process.env.HTTPS_PROXY = `http://${proxy.address}`;
		process.env.NO_PROXY = '127.0.0.1';
		return proxy;
	}
	const REFUSAL = 'HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n';

	it('that refuses to connect is named, and nothing was ordered', async () => {
		const { received } = await behindProxy(REFUSAL);
		expect((await orderAt(ELSEWHERE)).error).toMatchObject({
			message: 'A proxy refused to connect to the HappyHorse service (status 503)',
			description: expect.stringMatching(/^Nothing was ordered for this item\..*HTTPS_PROXY/),
		});
		expect(received).toEqual(['CONNECT openapi.example.com:443 HTTP/1.1']);
	});
});

describe('an API key that no header takes', () => {
	const KEY = 'sk-ab…yz-1234567';

	it('is said to be none, and nothing is sent', async () => {
		const { error } = await orderAt(world.simulator.baseUrl, KEY);
		expect(error).toMatchObject({
			message: 'The API key of the HappyHorse credential has a character or length that no key has',
			description: expect.stringMatching(/^Nothing was ordered for this item\. Copy the whole key/),
		});
		expect(world.simulator.requests).toEqual([]);
		expect(JSON.stringify(error)).not.toContain(KEY);
	});

	it('does not poll for half an hour', async () => {
		const { error, ms } = await waitAt(world.simulator.baseUrl, KEY, 30);
		expect(error?.message).toContain('has a character or length');
		expect(ms).toBeLessThan(60_000);
		expect(world.simulator.ofKind('query')).toEqual([]);
	});
});

it('where packets are dropped, each exchange ends at its own timer', async () => {
	// Never accepted, never refused: the backlog of a port that nobody serves
	const { address } = await listen(() => {});
	const { error } = await waitAt(`http://${address}`);
	expect(error?.message).toContain('was not ready within 0.2 minutes');
});
