// What joining a film takes, beside ffmpeg's `concat -c copy` of the same files; in a process of its own.
/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, @n8n/community-nodes/no-dangerous-functions -- a benchmark: it runs in Node, never in n8n */
import { execFileSync } from 'node:child_process';
import { createReadStream, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { Container } from '@n8n/di';
import { BinaryDataService } from 'n8n-core';
import { startHappyHorse } from '../../tools/engine/happyHorse';
import { runApart, sendResult } from './apart';
import { startGauges } from './gauges';
import type { Gauges } from './load';
import { limited, rounded, type Row } from './rows';

/** Seconds that it may take, in those of ffmpeg. */
const MOST_TIMES = 2.5;
const MOST_MEMORY_MB = 150;
const MOST_STRETCH_MS = 50;

/** A film of noise, 8 seconds of 1080p, and about as many megabytes as are asked for. */
function makeClip(file: string, megabytes: number): void {
	const source = 'testsrc2=size=1920x1080:rate=24:duration=8,noise=alls=60:allf=t';
	const sound = 'sine=frequency=440:sample_rate=48000:duration=8';
	const rate = `${megabytes}M`;
	const encoder = `-c:v libx264 -preset ultrafast -b:v ${rate} -minrate ${rate} -maxrate ${rate} -bufsize ${rate} -pix_fmt yuv420p -c:a aac`;
	const args = ['-f', 'lavfi', '-i', source, '-f', 'lavfi', '-i', sound, ...encoder.split(' ')];
	execFileSync('ffmpeg', ['-v', 'error', '-y', ...args, file]);
}

type Joining = Gauges & { readonly seconds: number };

async function joinClips(clips: readonly string[]): Promise<Joining> {
	const engine = await startHappyHorse({});
	const place = { type: 'execution', workflowId: 'clips', executionId: 'clips' } as const;
	const about = { data: '', mimeType: 'video/mp4', fileName: 'clip.mp4' };
	const items = [];
	for (const clip of clips) {
		const service = Container.get(BinaryDataService);
		const data = await service.store(place, createReadStream(clip), { ...about });
		items.push({ json: {}, binary: { data } });
	}
	const stop = await startGauges();
	const start = performance.now();
	const parameters = { resource: 'film', operation: 'join' };
	const { status, error } = await engine.runNode({ items, parameters });
	const seconds = (performance.now() - start) / 1000;
	const gauges = stop();
	engine.close();
	if (status !== 'success') throw new Error(error?.message);
	return { seconds, ...gauges };
}

/** The rows of a film of 20 clips of 50 MB, every second with its index at its beginning, as videos for the web have it. */
export async function filmRows(quick: boolean): Promise<Row[]> {
	const folder = mkdtempSync(join(tmpdir(), 'happyhorse-bench-'));
	process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
	const [count, megabytes] = quick ? [4, 5] : [20, 50];
	const [indexLast, indexFirst] = ['last.mp4', 'first.mp4'].map((name) => join(folder, name));
	makeClip(indexLast, megabytes);
	const move = ['-i', indexLast, '-c', 'copy', '-movflags', '+faststart'];
	execFileSync('ffmpeg', ['-v', 'error', '-y', ...move, indexFirst]);
	const clips = Array.from({ length: count }, (_, n) => (n % 2 === 0 ? indexLast : indexFirst));
	const list = join(folder, 'clips.txt');
	writeFileSync(list, clips.map((clip) => `file '${clip}'\n`).join(''));
	const start = performance.now();
	const copy = ['-f', 'concat', '-safe', '0', '-i', list, '-c', 'copy'];
	execFileSync('ffmpeg', ['-v', 'error', '-y', ...copy, join(folder, 'film.mp4')]);
	const ffmpeg = (performance.now() - start) / 1000;
	const { seconds, memory, loop } = await runApart<Joining>(__filename, ...clips);
	const what = `Film of ${count} clips of ${Math.round(statSync(indexLast).size / 1e6)} MB`;
	const figure = `${rounded(seconds / ffmpeg)}x (${rounded(seconds)} s, ffmpeg ${rounded(ffmpeg)} s)`;
	return [
		limited(`${what}: time, in that of ffmpeg's concat`, seconds / ffmpeg, MOST_TIMES, 'x', {
			figure,
		}),
		limited(`${what}: growth of memory`, memory, MOST_MEMORY_MB, 'MB'),
		limited(`${what}: longest stretch of the event loop`, loop.most, MOST_STRETCH_MS, 'ms'),
	];
}

if (require.main === module) {
	void sendResult(joinClips(process.argv.slice(2)));
}
