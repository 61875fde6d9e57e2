// Edit Video from a binary file: the service fetches it from n8n by a signed link.
import { equal, match, ok } from 'node:assert/strict';
import { errorOf, itemsOf } from '../rest.mjs';
import { chain } from '../world.mjs';

export async function run(world) {
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
	match(errorOf(atHome).message, /127\.0\.0\.1|keeps files in memory/);
	equal(simulator.tasks.size, 1, 'only the first video is ordered');

	await n8n.stop();
	try {
		await n8n.start({
			N8N_EDITOR_BASE_URL: `http://n8n.test:${n8n.port}`,
			WEBHOOK_URL: `http://n8n.test:${n8n.port}/`,
			N8N_DEFAULT_BINARY_DATA_MODE: 'filesystem',
		});
		const execution = await rest.runToEnd(workflow);
		equal(execution.status, 'success', JSON.stringify(errorOf(execution)));
		const task = simulator.tasks.get(itemsOf(execution, 'Edit')[0].json.task_id);
		equal(task.mode, 'video-edit');
		const [{ url }] = task.body.reference_videos;
		match(url, /^http:\/\/n8n\.test:/);
		const [{ from, bytes }] = task.sources;
		equal(from, 'fetched');
		equal(bytes, itemsOf(execution, 'Make')[0].binary.data.bytes ?? bytes);
		ok(bytes > 100_000);
	} finally {
		await n8n.stop();
		await n8n.start();
	}
}
