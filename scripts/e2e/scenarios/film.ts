// Film → Join Videos: clips of this node and of another, under a voice from a third, played to the end in a browser.
/* eslint-disable @n8n/community-nodes/no-restricted-imports -- a script: it runs in Node, never in n8n */
import { deepEqual, equal, match } from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { ROOT } from '../../../tools/command';
import { baseNode, chain, itemsOf } from '../../../tools/n8n/workflow';
import { succeed } from '../runs';
import type { Scenario, World } from '../world';

export const film: Scenario = { name: 'film', needs: ['chromium'], checks: [joined, rehearsed] };

const SCENES = 'return [{ json: { seconds: 3 } }, { json: { seconds: 4 } }];';

/** HTTP Request, which puts a file beside those of each item. */
const fetchFile = (name: string, url: string, field: string) =>
	baseNode(name, 'httpRequest', 4.2, {
		url,
		options: { response: { response: { responseFormat: 'file', outputPropertyName: field } } },
	});

/** Plays a file of n8n to its end, in the browser that is logged in. */
async function play(world: World, id: string) {
	const { page } = await world.openEditor();
	await page.goto(world.n8n.base);
	const url = `${world.n8n.base}/rest/binary-data?action=view&id=${encodeURIComponent(id)}`;
	return await page.evaluate(async (src) => {
		const video = document.createElement('video');
		Object.assign(video, { src, muted: true, playbackRate: 8 });
		const ended = new Promise((resolve, reject) => {
			video.onended = resolve;
			video.onerror = () => reject(new Error(video.error?.message ?? 'no reason'));
		});
		await video.play();
		await ended;
		const { duration, currentTime, videoWidth, videoHeight } = video;
		return { duration, currentTime, videoWidth, videoHeight };
	}, url);
}

async function joined(world: World): Promise<void> {
	const voice = readFileSync(join(ROOT, 'test/mp4/files/voice.m4a'));
	const server = createServer((_, answer) => {
		answer.setHeader('content-type', 'audio/mp4').end(voice);
	}).listen(0, '127.0.0.1');
	await once(server, 'listening');
	try {
		const { port } = server.address() as AddressInfo;
		const execution = await succeed(
			world,
			chain(
				'Film',
				baseNode('Scenes', 'code', 2, { jsCode: SCENES }),
				world.horse('Video', { prompt: 'A horse', duration: '={{ $json.seconds }}' }),
				fetchFile('Other', `${world.simulator.mediaUrl}/file/other.mp4`, 'other'),
				fetchFile('Voice', `http://127.0.0.1:${port}/voice.m4a`, 'voice'),
				world.horse(
					'Join',
					{
						resource: 'film',
						operation: 'join',
						binaryPropertyName: "={{ $itemIndex === 0 ? 'data, other' : 'data' }}",
						options: { soundField: 'voice' },
					},
					{ credentials: {} },
				),
			),
		);
		const [{ json, binary }, ...more] = itemsOf(execution, 'Join');
		deepEqual(more, []);
		const clips = json.clips as Array<Record<string, unknown>>;
		deepEqual(
			clips.map(({ item, start, duration }) => [item, start, duration]),
			[
				[0, 0, 3],
				[0, 3, 5],
				[1, 8, 4],
			],
		);
		equal(json.duration, 12);
		equal(binary.data.fileName, 'film.mp4');
		equal(binary.data.mimeType, 'video/mp4');
		const played = await play(world, String(binary.data.id));
		deepEqual([played.videoWidth, played.videoHeight], [576, 324]);
		equal(Math.round(played.duration), 12);
		equal(played.currentTime, played.duration);
	} finally {
		server.close();
	}
}

/** The whole way without a key: dry runs become a film, and the editor shows it. */
async function rehearsed(world: World): Promise<void> {
	const options = { dryRun: true };
	const scenes = baseNode('Scenes', 'code', 2, { jsCode: SCENES });
	const video = world.horse('Video', {
		prompt: 'A horse',
		duration: '={{ $json.seconds }}',
		options,
	});
	const joining = world.horse('Join', { resource: 'film', operation: 'join' }, { credentials: {} });
	const workflow = chain('Rehearsed film', scenes, video, joining);
	const execution = await succeed(world, workflow);
	const [{ json, binary }] = itemsOf(execution, 'Join');
	equal(json.duration, 7);
	equal(world.simulator.requests.length, 0);
	const played = await play(world, String(binary.data.id));
	equal(Math.round(played.duration), 7);
	const { editor } = await world.inEditor(chain('Film in the editor', joining), 'Join');
	const panel = editor.at('node-parameters').first();
	await panel.getByText(/All input items become one film/).waitFor();
	match(await panel.innerText(), /Join Videos|Input Binary Field/);
	await editor.picture('film');
	await editor.closeNode();
}
