// What other suites can't see of the simulator: its faults as raw answers, what comes late, and its command.
/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, @n8n/community-nodes/no-dangerous-functions -- a test: it runs in Node, never in n8n */
import { filmOf } from './media';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { Simulator, type Fault } from './simulator';

let now = Date.parse('2026-04-27T10:43:20.233Z');
let simulator: Simulator;

beforeAll(async () => {
	simulator = await Simulator.start({ now: () => now, secondsPerTask: 10 });
});

afterEach(() => simulator.reset());

afterAll(async () => await simulator.stop());

const headers = { authorization: 'Bearer test-key', 'content-type': 'application/json' };
const body = JSON.stringify({ model: 'dashscope/happyhorse-1.0', prompt: 'A horse' });

async function order(baseUrl = simulator.baseUrl, sent = body) {
	return await fetch(`${baseUrl}/v1/videos/generate`, { method: 'POST', headers, body: sent });
}

async function ask(id: string) {
	return await fetch(`${simulator.baseUrl}/v1/videos/tasks/${id}`, { headers });
}

const CUT: Fault = { kind: 'body', text: (usual) => usual.slice(0, 40) };

it.each<[what: string, fault: Fault, tasks: number, answer: RegExp]>([
	['bytes of choice', { kind: 'body', text: Buffer.from('\ufeff{}') }, 0, /^\ufeff\{\}$/],
	['the usual answer, cut behind its ID', CUT, 1, /^\{"task_id":"task_\d{19}/],
	['the usual answer behind some blanks', { kind: 'drip', ms: 1, blanks: 3 }, 1, /^ {3}\{"task_id/],
])('an order can be answered with %s', async (_what, fault, tasks, answer) => {
	simulator.faults.push({ on: 'submit', fault });
	const bytes = Buffer.from(await (await order()).arrayBuffer());
	expect(bytes.toString()).toMatch(answer);
	expect(simulator.tasks.size).toBe(tasks);
});

it('a task can be unknown for a while after its order, and its film come late', async () => {
	const outcome = { unknownSeconds: 5, lateFiles: { seconds: 30, status: 403 } };
	simulator.outcomes.push({ outcome });
	await order();
	const [id] = simulator.tasks.keys();
	expect((await ask(id)).status).toBe(404);
	now += 10_000;
	const { videos } = (await (await ask(id)).json()) as { videos: Array<{ url: string }> };
	expect((await fetch(videos[0].url)).status).toBe(403);
	now += 30_000;
	expect((await fetch(videos[0].url)).status).toBe(200);
});

it('a source named by address is fetched before the order is taken, where that is asked for', async () => {
	const resolveHosts = { 'n8n.example.com': '127.0.0.1' };
	const fetching = await Simulator.start({ fetchSources: true, resolveHosts });
	const edit = async (file: string) => {
		const url = `${fetching.mediaUrl}/${file}`.replace('127.0.0.1', 'n8n.example.com');
		const more = { ...JSON.parse(body), reference_videos: [{ url }] };
		return await order(fetching.baseUrl, JSON.stringify(more));
	};
	expect((await edit('file/1.mp4')).status).toBe(200);
	expect([...fetching.tasks.values()][0].sources).toMatchObject([
		{ from: 'fetched', contentType: 'video/mp4', bytes: (await filmOf(undefined)).length },
	]);
	expect(await (await edit('gone.mp4')).text()).toContain('the host answered 404');
	expect(await (await edit('file/1.jpg')).text()).toContain('the file is not mp4 or mov');
	await fetching.stop();
});

it('npm run simulator serves until Ctrl-C, with the key and the limits asked for', async () => {
	const flags = ['--port', '0', '--key', 'my-key', '--orders-per-second', '1'];
	const args = [require.resolve('tsx/cli'), join(__dirname, 'cli.ts'), ...flags];
	const child = spawn(process.execPath, args);
	let output = '';
	for (const stream of [child.stdout, child.stderr]) stream.on('data', (part) => (output += part));
	while (!output.includes('Ctrl-C')) await once(child.stdout, 'data');
	headers.authorization = 'Bearer my-key';
	const baseUrl = /Base URL +(\S+)/.exec(output)?.[1];
	const orders = [await order(baseUrl), await order(baseUrl)];
	expect(orders.map(({ status }) => status)).toEqual([200, 429]);
	child.kill('SIGINT');
	expect(await once(child, 'exit')).toEqual([0, null]);
	expect(output).toMatch(/POST {2}\S+generate {2}200 {2}ordered: text-to-video task_\d{19}\n/);
});
