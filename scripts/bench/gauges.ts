// Gauges of this process: how far its memory grows, and how long its event loop is blocked.
/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals -- a benchmark: it runs in Node, never in n8n */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import type { Gauges } from './load';

/** Ms between two samples of the memory; one takes some microseconds. */
const SAMPLE_MS = 20;

/** Ms between two beats of the event loop's gauge, which counts this interval as delay. */
const BEAT_MS = 10;

/** Collects garbage, so that only what is really held counts as "before". */
async function settle(): Promise<void> {
	if (globalThis.gc === undefined) throw new Error('Start with --expose-gc');
	for (let times = 0; times < 3; times += 1) {
		globalThis.gc();
		await pause(50);
	}
}

/** Starts the gauges. The function that it returns stops and reads them. */
export async function startGauges(): Promise<() => Gauges> {
	await settle();
	const memory = () => process.memoryUsage.rss() / 1024 / 1024;
	const before = memory();
	let most = before;
	const sample = () => {
		most = Math.max(most, memory());
	};
	const sampling = setInterval(sample, SAMPLE_MS);
	const delays = monitorEventLoopDelay({ resolution: BEAT_MS });
	delays.enable();
	return () => {
		delays.disable();
		clearInterval(sampling);
		sample();
		const beyond = (nanoseconds: number) => Math.max(0, nanoseconds / 1e6 - BEAT_MS);
		return {
			memory: most - before,
			loop: { p99: beyond(delays.percentile(99)), most: beyond(delays.max) },
		};
	};
}
