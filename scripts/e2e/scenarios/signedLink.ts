// Edit Video from a binary file: the service fetches it from n8n by a signed link, for as long as the video is made.
/* eslint-disable @n8n/community-nodes/no-restricted-imports -- a script: it runs in Node, never in n8n */
import { equal, match, ok } from 'node:assert/strict';
import { until } from '../../../tools/n8n/rest';
import { chainFrom, type WorkflowNode } from '../../../tools/n8n/workflow';
import { filmOf } from '../../../tools/simulator/media';
import type { SimulatedTask } from '../../../tools/simulator/simulator';
import { callWebhook, fillIn, form, publish, restart, webhook } from '../runs';
import type { Scenario, World } from '../world';

export const signedLink: Scenario = { name: 'signed-link', checks: [linksLast] };

/** A film to edit. */
const film = async () => new Uint8Array(await filmOf(undefined));

/** Fetches the video of an order from n8n, as the service does. */
async function statusOfLink({ n8n }: World, task: SimulatedTask): Promise<number> {
	const link = task.body.reference_videos?.[0].url ?? '';
	match(link, /^http:\/\/n8n\.example\.com:/);
	const answer = await fetch(link.replace('n8n.example.com', '127.0.0.1'));
	const bytes = Buffer.from(await answer.arrayBuffer());
	ok(link.includes(`:${n8n.port}/`), link);
	if (answer.ok) ok(bytes.equals(await film()), 'another file');
	return answer.status;
}

/** A way for a file to come in, of which n8n removes what it has received when an execution ends. */
interface Way {
	readonly trigger: WorkflowNode;
	readonly field: string;
	upload(base: string): Promise<void>;
	/** n8n keeps nothing of its executions. */
	readonly isUnsaved?: boolean;
}

const byForm = (path: string, field: string): Way => ({
	trigger: form(path, field),
	field,
	async upload(base) {
		await fillIn(`${base}/form/${path}`, new File([await film()], 'a.mp4', { type: 'video/mp4' }));
	},
});

const byWebhook = (path: string, isUnsaved = false): Way => ({
	trigger: webhook(path, { httpMethod: 'POST', options: { binaryPropertyName: 'data' } }),
	field: 'data',
	isUnsaved,
	async upload(base) {
		const headers = { 'content-type': 'video/mp4' };
		await callWebhook(base, path, { method: 'POST', headers, body: await film() });
	},
});

const WAYS = [
	byWebhook('webhook'),
	byWebhook('webhook-unsaved', true),
	byForm('form-data', 'data'),
	byForm('form-clip', 'clip'),
];

/** In an n8n whose signed links begin with a public address, which the simulator resolves. */
async function linksLast(world: World): Promise<void> {
	const { n8n } = world;
	try {
		await restart(n8n, {
			WEBHOOK_URL: `http://n8n.example.com:${n8n.port}/`,
			N8N_DEFAULT_BINARY_DATA_MODE: 'filesystem',
		});
		for (const way of WAYS) await linksOf(world, way);
	} finally {
		await restart(n8n);
	}
}

/** Two uploads at once, of which one is done long before the other. */
async function linksOf(world: World, { trigger, field, upload, isUnsaved }: Way): Promise<void> {
	const { n8n, rest, simulator, horse } = world;
	const path = String(trigger.webhookId);
	simulator.reset();
	simulator.outcomes.push({ outcome: { afterSeconds: 6 } });
	const edit = horse('Edit', {
		operation: 'editVideo',
		videoSource: 'binary',
		videoBinaryPropertyName: field,
		prompt: 'Make it snow',
		resolution: '720P',
	});
	const workflow = chainFrom(trigger, path, edit);
	const none = { saveDataSuccessExecution: 'none', saveDataErrorExecution: 'none' };
	await publish(rest, { ...workflow, settings: isUnsaved ? none : {} });
	const earlier = (await rest.executions()).length;
	await upload(n8n.base);
	await upload(n8n.base);
	const [late, early] = await until(
		() => simulator.tasks.size === 2 && [...simulator.tasks.values()],
		`two orders of ${path}`,
	);
	equal(late.sources[0].from, 'fetched');
	equal(await statusOfLink(world, late), 200, `${path}: at first`);

	/** Waits for the end of one, while so many others are under way. */
	const endOf = async ({ id }: SimulatedTask, others: number) => {
		const isFetched = () => simulator.ofKind('media').some((one) => one.taskId === id && !one.open);
		await until(isFetched, `the video of ${path}`);
		const running = async () => {
			const all = (await rest.executions()).slice(0, -earlier || undefined);
			return all.filter(({ status }) => status === 'running').length;
		};
		await until(async () => (await running()) === others, `the end of an execution of ${path}`);
	};
	await endOf(early, 1);
	equal(await statusOfLink(world, late), 200, `${path}: when another execution has ended`);
	await endOf(late, 0);
	// What is not saved goes with its files, when nobody needs them any more
	for (const task of isUnsaved ? [] : [early, late]) {
		equal(await statusOfLink(world, task), 200, `${path}: when its own execution has ended`);
	}
}
