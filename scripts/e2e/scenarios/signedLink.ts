// Edit Video from a binary file: the service fetches it from n8n by a signed link, for as long as the video is made.
/* eslint-disable @n8n/community-nodes/no-restricted-imports -- a script: it runs in Node, never in n8n */
import { equal, match, ok } from 'node:assert/strict';
import { until } from '../../../tools/n8n/rest';
import {
	baseNode,
	chain,
	chainFrom,
	errorOf,
	itemsOf,
	type WorkflowNode,
} from '../../../tools/n8n/workflow';
import { filmOf } from '../../../tools/simulator/media';
import type { SimulatedTask } from '../../../tools/simulator/simulator';
import { publish, startByWebhook, webhook } from '../runs';
import type { Scenario, World } from '../world';

export const signedLink: Scenario = {
	name: 'signed-link',
	checks: [editsFile, linksLast, refusedWithoutWaiting],
};

/** A film to edit. */
const film = async () => new Uint8Array(await filmOf(undefined));

/** Edit Video of the file in the field `data`, unless `more` names another. */
const edit = ({ horse }: World, more: object = {}) =>
	horse('Edit', {
		operation: 'editVideo',
		videoSource: 'binary',
		videoBinaryPropertyName: 'data',
		prompt: 'Make it snow',
		resolution: '720P',
		...more,
	});

/** Runs `check` in an n8n whose signed links begin with a public address, which the simulator resolves. */
async function atPublicAddress({ n8n }: World, check: () => Promise<void>): Promise<void> {
	await n8n.stop();
	try {
		await n8n.start({
			WEBHOOK_URL: `http://n8n.example.com:${n8n.port}/`,
			N8N_DEFAULT_BINARY_DATA_MODE: 'filesystem',
		});
		await check();
	} finally {
		await n8n.stop();
		await n8n.start();
	}
}

async function editsFile(world: World): Promise<void> {
	const { rest, simulator } = world;
	const make = world.horse('Make', { prompt: 'A horse', resolution: '720P', duration: 3 });
	const workflow = chain('Edit a file', make, edit(world));

	// n8n's own address is 127.0.0.1: nobody could fetch the file. n8n 1.x keeps it in memory anyway
	const atHome = await rest.runToEnd(workflow);
	equal(atHome.status, 'error');
	match(
		errorOf(atHome)?.message ?? '',
		/127\.0\.0\.1.*is not on the internet|keeps files in memory/,
	);
	match(String(errorOf(atHome)?.description), /Set (WEBHOOK_URL|N8N_DEFAULT_BINARY_DATA_MODE) to/);
	equal(simulator.tasks.size, 1, 'only the first video is ordered');

	await atPublicAddress(world, async () => {
		const execution = await rest.runToEnd(workflow);
		equal(execution.status, 'success', JSON.stringify(errorOf(execution)));
		const task = simulator.tasks.get(String(itemsOf(execution, 'Edit')[0].json.task_id));
		equal(task?.mode, 'video-edit');
		match(task?.body.reference_videos?.[0].url ?? '', /^http:\/\/n8n\.example\.com:/);
		const { from, bytes = 0 } = task?.sources[0] ?? {};
		equal(from, 'fetched');
		equal(bytes, itemsOf(execution, 'Make')[0].binary.data.bytes ?? bytes);
		ok(bytes > 0);
	});
}

/** Fetches the video of an order from n8n, as the service does. */
async function statusOfLink({ n8n }: World, task: SimulatedTask): Promise<number> {
	const link = task.body.reference_videos?.[0].url ?? '';
	const answer = await fetch(link.replace('n8n.example.com', '127.0.0.1'));
	const bytes = Buffer.from(await answer.arrayBuffer());
	ok(link.includes(`:${n8n.port}/`), link);
	if (answer.ok) ok(bytes.equals(await film()), 'another file');
	return answer.status;
}

/** A way for a file to come in, of which n8n removes what it has received when an execution ends. */
interface Way {
	trigger(path: string): WorkflowNode;
	readonly field: string;
	upload(base: string, path: string): Promise<Response>;
	readonly settings?: Record<string, unknown>;
}

/** A form with one file, under this label. */
const form = (label: string): Way => ({
	trigger: (path) => ({
		...baseNode('Start', 'formTrigger', 2.2, {
			formTitle: 'A video to edit',
			formFields: { values: [{ fieldLabel: label, fieldType: 'file', multipleFiles: false }] },
			options: { path },
		}),
		webhookId: path,
	}),
	field: label,
	async upload(base, path) {
		const answers = new FormData();
		answers.append('field-0', new Blob([await film()], { type: 'video/mp4' }), 'a.mp4');
		return await fetch(`${base}/form/${path}`, { method: 'POST', body: answers });
	},
});

const byWebhook: Way = {
	trigger: (path) => webhook(path, { httpMethod: 'POST', options: { binaryPropertyName: 'data' } }),
	field: 'data',
	upload: async (base, path) =>
		await fetch(`${base}/webhook/${path}`, {
			method: 'POST',
			headers: { 'content-type': 'video/mp4' },
			body: await film(),
		}),
};

const WAYS: Record<string, Way> = {
	webhook: byWebhook,
	'webhook-unsaved': {
		...byWebhook,
		settings: { saveDataSuccessExecution: 'none', saveDataErrorExecution: 'none' },
	},
	'form-data': form('data'),
	'form-clip': form('clip'),
};

/** Two uploads at once, of which one is done long before the other. */
async function linksLast(world: World): Promise<void> {
	await atPublicAddress(world, async () => {
		for (const [path, way] of Object.entries(WAYS)) await linksOf(world, path, way);
	});
}

async function linksOf(world: World, path: string, way: Way): Promise<void> {
	const { n8n, rest, simulator } = world;
	simulator.reset();
	simulator.outcomes.push({ outcome: { afterSeconds: 6 } });
	const workflow = chainFrom(
		way.trigger(path),
		path,
		edit(world, { videoBinaryPropertyName: way.field }),
	);
	await publish(rest, { ...workflow, settings: way.settings });
	const earlier = (await rest.executions()).length;
	await until(async () => (await way.upload(n8n.base, path)).ok, `the first upload to ${path}`);
	ok((await way.upload(n8n.base, path)).ok, `the second upload to ${path}`);
	const [late, early] = await until(
		() => simulator.tasks.size === 2 && [...simulator.tasks.values()],
		`two orders of ${path}`,
	);
	equal(await statusOfLink(world, late), 200, `${path}: at first`);

	const isDelivered =
		({ id }: SimulatedTask) =>
		() =>
			simulator.ofKind('media').some(({ taskId, open }) => taskId === id && !open);
	/** Executions under way, beside those of before. */
	const running = async () => {
		const all = (await rest.executions()).slice(0, -earlier || undefined);
		return all.filter(({ status }) => status === 'running').length;
	};
	await until(isDelivered(early), `the early video of ${path}`);
	await until(async () => (await running()) === 1, `the end of the early execution of ${path}`);
	equal(await statusOfLink(world, late), 200, `${path}: when another execution has ended`);

	await until(isDelivered(late), `the late video of ${path}`);
	await until(async () => (await running()) === 0, `the end of the late execution of ${path}`);
	// What is not saved goes with its files, when nobody needs them any more
	if (way.settings !== undefined) return;
	for (const task of [early, late]) {
		equal(await statusOfLink(world, task), 200, `${path}: when its own execution has ended`);
	}
}

/** The file may be gone before the service fetches it, so nothing is ordered. */
async function refusedWithoutWaiting(world: World): Promise<void> {
	const { n8n, rest, simulator } = world;
	const node = edit(world, { waitForCompletion: false });
	const path = 'without-waiting';
	await publish(rest, chainFrom(byWebhook.trigger(path), path, node));
	const request = { method: 'POST', body: await film() };
	const execution = await rest.ended(await startByWebhook(n8n, path, request));
	match(errorOf(execution)?.message ?? '', /must not be a file while Wait for Completion is off/);
	equal(simulator.tasks.size, 0);
}
