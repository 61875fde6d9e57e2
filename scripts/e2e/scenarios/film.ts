// Film → Join Videos: clips of this node and of another, under a voice from a third, played to the end in a browser.
/* eslint-disable @n8n/community-nodes/no-restricted-imports -- a script: it runs in Node, never in n8n */
import { deepEqual, equal } from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../../tools/command';
import { baseNode, chain, itemsOf } from '../../../tools/n8n/workflow';
import { serving, succeed } from '../runs';
import type { Scenario, World } from '../world';

export const film: Scenario = { name: 'film', needs: ['chromium'], checks: [joined] };

const SCENES = 'return [{ json: { seconds: 3 } }, { json: { seconds: 4 } }];';

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
	/** HTTP Request, which puts a file beside those of each item. */
	const fetched = (outputPropertyName: string, url: string) =>
		baseNode(outputPropertyName, 'httpRequest', 4.2, {
			url,
			options: { response: { response: { responseFormat: 'file', outputPropertyName } } },
		});
	const joining = {
		resource: 'film',
		operation: 'join',
		binaryPropertyName: "={{ $itemIndex === 0 ? 'data, other' : 'data' }}",
		options: { soundField: 'voice' },
	};
	await serving(
		(_, answer) => void answer.setHeader('content-type', 'audio/mp4').end(voice),
		async (url) => {
			const workflow = chain(
				'Film',
				baseNode('Scenes', 'code', 2, { jsCode: SCENES }),
				world.horse('Video', { prompt: 'A horse', duration: '={{ $json.seconds }}' }),
				fetched('other', `${world.simulator.mediaUrl}/file/other.mp4`),
				fetched('voice', `${url}/voice.m4a`),
				world.horse('Join', joining, { credentials: {} }),
			);
			const [{ json, binary }, ...more] = itemsOf(await succeed(world, workflow), 'Join');
			deepEqual(more, []);
			const clips = json.clips as Array<Record<string, unknown>>;
			const places = clips.map(({ item, start, duration }) => [item, start, duration].join());
			deepEqual(places, ['0,0,3', '0,3,5', '1,8,4']);
			const { fileName, mimeType, id } = binary.data;
			deepEqual([json.duration, fileName, mimeType], [12, 'film.mp4', 'video/mp4']);
			const { duration, currentTime, videoWidth, videoHeight } = await play(world, String(id));
			deepEqual([Math.round(duration), videoWidth, videoHeight], [12, 576, 324]);
			equal(currentTime, duration);
		},
	);
}
