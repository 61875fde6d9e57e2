// Requests that were never sent: known, told as what it is, and tried again only where it may pass by itself.
/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals -- a test: it runs in Node, never in n8n */
import type { AddressInfo, Server, Socket } from 'node:net';
import { createServer } from 'node:net';
import { clock } from '../../../nodes/HappyHorse/util/clock';
import { API_KEY } from '../world';
import {
	bill,
	credentialsFor,
	errorOf,
	here,
	order,
	scenes,
	taskIds,
	useFaultWorld,
} from './scene';

const world = useFaultWorld();

const servers: Server[] = [];
const sockets = new Set<Socket>();

/** A port on loopback that does this with each connection, once something came over it. */
async function port(answer: (socket: Socket, received: string) => void): Promise<number> {
	const server = createServer((socket) => {
		sockets.add(socket);
		socket.on('error', () => {});
		socket.once('data', (data) => answer(socket, data.toString('latin1')));
	});
	servers.push(server);
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	return (server.address() as AddressInfo).port;
}

afterEach(() => {
	jest.restoreAllMocks();
	for (const server of servers.splice(0)) server.close();
	for (const socket of sockets) socket.destroy();
	sockets.clear();
	for (const name of ['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY']) delete process.env[name];
});

async function runAt(baseUrl: string, apiKey = API_KEY) {
	const pauses = jest.spyOn(clock, 'sleep');
	const credentials = credentialsFor(baseUrl, apiKey);
	const run = await world.engine.runNode({ parameters: order(), items: scenes(1), credentials });
	return { run, error: errorOf(run), pauses: pauses.mock.calls.length };
}

/** Asks about the task that was just ordered, at another address. */
async function waitAt(baseUrl: string, apiKey = API_KEY, timeout = 0.2) {
	const ordered = await world.engine.runNode({
		parameters: order({}, { waitForCompletion: false }),
		items: scenes(1),
	});
	const [taskId] = taskIds(world);
	expect(ordered.items[0].json.task_id).toBe(taskId);
	const began = world.clock.now();
	const run = await world.engine.runNode({
		parameters: here({ resource: 'task', operation: 'wait', taskId, options: { timeout } }),
		credentials: credentialsFor(baseUrl, apiKey),
	});
	return { error: errorOf(run), taskId, ms: world.clock.now() - began };
}

describe('the TLS handshake', () => {
	it('closed: a submit is tried again, and nothing was ordered', async () => {
		let connections = 0;
		const base = `https://127.0.0.1:${await port((socket) => {
			connections += 1;
			socket.end();
		})}`;
		const { error, pauses } = await runAt(base);
		expect(error).toMatchObject({
			message: 'The HappyHorse service could not be reached',
			description: expect.stringMatching(/^Nothing was ordered for this item\./),
		});
		expect({ connections, pauses }).toEqual({ connections: 5, pauses: 4 });
	});

	it.each(['closed', 'reset'])('%s: the wait for a paid video goes on', async (how) => {
		const base = `https://127.0.0.1:${await port((socket) => {
			if (how === 'closed') socket.end();
			else socket.resetAndDestroy();
		})}`;
		const { error } = await waitAt(base);
		expect(error?.message).toContain('was not ready within 0.2 minutes');
	});

	it.each([40, 48])(
		'ended by alert %i: nothing was ordered, and it is not tried again',
		async (alert) => {
			let connections = 0;
			const base = `https://127.0.0.1:${await port((socket) => {
				connections += 1;
				socket.end(Buffer.from([21, 3, 3, 0, 2, 2, alert]));
			})}`;
			const { error } = await runAt(base);
			expect(error).toMatchObject({
				message: 'No secure connection to the HappyHorse service could be made',
				description: expect.stringMatching(/^Nothing was ordered for this item\./),
			});
			expect(connections).toBe(1);
		},
	);
});

describe('a proxy that refuses to connect', () => {
	const ANSWERS: Array<[status: number, answer: string]> = [
		[407, 'HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic\r\n\r\n'],
		[503, 'HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n'],
	];

	it.each(ANSWERS)('%i is named, and nothing was ordered', async (status, answer) => {
		const seen: string[] = [];
		const proxy = await port((socket, received) => {
			seen.push(received.split('\r\n')[0]);
			socket.end(answer);
		});
		process.env.HTTPS_PROXY = `http://127.0.0.1:${proxy}`;
		const { error } = await runAt('https://openapi.example.com/router');
		expect(error).toMatchObject({
			message: `A proxy refused to connect to the HappyHorse service (status ${status})`,
			description: expect.stringMatching(/^Nothing was ordered for this item\..*HTTPS_PROXY/),
		});
		expect(seen).toEqual(['CONNECT openapi.example.com:443 HTTP/1.1']);
	});

	it.each(ANSWERS)('%i says nothing about a task', async (_status, answer) => {
		const proxy = await port((socket) => socket.end(answer));
		process.env.HTTPS_PROXY = `http://127.0.0.1:${proxy}`;
		process.env.NO_PROXY = '127.0.0.1';
		const { error } = await waitAt('https://openapi.example.com/router');
		expect(error?.message).toContain('was not ready within 0.2 minutes');
	});

	it('or hangs up is tried again, and nothing was ordered', async () => {
		const proxy = await port((socket) => socket.end());
		process.env.HTTPS_PROXY = `http://127.0.0.1:${proxy}`;
		const { error, pauses } = await runAt('https://openapi.example.com/router');
		expect(error?.message).toBe('The HappyHorse service could not be reached');
		expect(pauses).toBe(4);
	});
});

describe('an API key', () => {
	const BAD = ['sk-ab…yz-1234567', 'sk-ab\ncd-1234567', 'sk ab 1234567'];

	it.each(BAD)('that no header takes is said to be none, and nothing is sent: %j', async (key) => {
		const { error } = await runAt(world.simulator.baseUrl, key);
		expect(error).toMatchObject({
			message: 'The API key of the HappyHorse credential has a character in it that no API key has',
			description: expect.stringMatching(/^Nothing was ordered for this item\. Copy the whole key/),
		});
		expect(world.simulator.requests).toEqual([]);
		expect(JSON.stringify(error)).not.toContain(key);
	});

	it('that no header takes does not poll for half an hour', async () => {
		const { error, ms } = await waitAt(world.simulator.baseUrl, BAD[0], 30);
		expect(error?.message).toContain('has a character in it');
		expect(ms).toBeLessThan(60_000);
		expect(world.simulator.ofKind('query')).toEqual([]);
	});

	it.each(['bearer  KEY', '"KEY"\n'])('works as it was pasted: %j', async (pasted) => {
		const key = pasted.replace('KEY', API_KEY);
		const { run } = await runAt(world.simulator.baseUrl, key);
		expect(run.status).toBe('success');
		const sent = world.simulator.ofKind('submit').map(({ headers }) => headers.authorization);
		expect(sent).toEqual([`Bearer ${API_KEY}`]);
	});
});

it('user and password in the Base URL are refused by name', async () => {
	const base = world.simulator.baseUrl.replace('http://', 'http://someone:secret-word@');
	const { error } = await runAt(base);
	expect(error?.message).toMatch(
		/Base URL of the HappyHorse credential holds a user name or password/,
	);
	expect(JSON.stringify(error)).not.toContain('secret-word');
	expect(world.simulator.requests).toEqual([]);
});

it('where packets are dropped, each exchange ends at its own timer', async () => {
	// Never accepted, never refused: the backlog of a port that nobody serves
	const base = `http://127.0.0.1:${await port(() => {})}`;
	const { error } = await waitAt(base);
	expect(error?.message).toContain('was not ready within 0.2 minutes');
});

it('a gateway’s 403 page does not end the wait, nor free the item', async () => {
	world.simulator.faults.push({
		on: 'query',
		times: 3,
		fault: { kind: 'status', status: 403, body: 'html' },
	});
	const options = { resubmitWhenUnsure: true };
	const run = await world.engine.runNode({ parameters: order(options), items: scenes(1) });
	expect(run.status).toBe('success');
	expect(bill(world)).toEqual({ submits: 1, tasks: 1 });
});
