// Edit Video from a binary file: the service fetches it from n8n by a signed link.
/* eslint-disable @n8n/community-nodes/no-restricted-imports -- a script: it runs in Node, never in n8n */
import { equal, match, ok } from 'node:assert/strict';
import { chain, errorOf, itemsOf } from '../../../tools/n8n/workflow';
import type { Scenario, World } from '../world';

export const signedLink: Scenario = { name: 'signed-link', checks: [editsFile] };

async function editsFile(world: World): Promise<void> {
	const { n8n, rest, simulator } = world;
	const make = world.horse('Make', { prompt: 'A horse', resolution: '720P', duration: 3 });
	const edit = world.horse('Edit', {
		operation: 'editVideo',
		videoSource: 'binary',
		videoBinaryPropertyName: 'data',
		prompt: 'Make it snow',
		resolution: '720P',
	});
	const workflow = chain('Edit a file', make, edit);

	// n8n's own address is 127.0.0.1: nobody could fetch the file. n8n 1.x keeps it in memory anyway
	const atHome = await rest.runToEnd(workflow);
	equal(atHome.status, 'error');
	match(errorOf(atHome)?.message ?? '', /127\.0\.0\.1|keeps files in memory/);
	equal(simulator.tasks.size, 1, 'only the first video is ordered');

	await n8n.stop();
	try {
		await n8n.start({
			WEBHOOK_URL: `http://n8n.example.com:${n8n.port}/`,
			N8N_DEFAULT_BINARY_DATA_MODE: 'filesystem',
		});
		const execution = await rest.runToEnd(workflow);
		equal(execution.status, 'success', JSON.stringify(errorOf(execution)));
		const task = simulator.tasks.get(String(itemsOf(execution, 'Edit')[0].json.task_id));
		equal(task?.mode, 'video-edit');
		match(task?.body.reference_videos?.[0].url ?? '', /^http:\/\/n8n\.example\.com:/);
		const { from, bytes = 0 } = task?.sources[0] ?? {};
		equal(from, 'fetched');
		equal(bytes, itemsOf(execution, 'Make')[0].binary.data.bytes ?? bytes);
		ok(bytes > 100_000);
	} finally {
		await n8n.stop();
		await n8n.start();
	}
}
