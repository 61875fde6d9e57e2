// Gauges of this process: how far its memory grows, and how long its event loop is blocked.
/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals -- a benchmark: it runs in Node, never in n8n */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import type { Measured, MemoryGrowth } from './load';

const MB = 1024 * 1024;

/** Ms between two samples of the memory; one takes some microseconds. */
const SAMPLE_MS = 20;

/** Ms between two beats of the event loop's gauge, which counts this interval as delay. */
const BEAT_MS = 10;

function memory(): MemoryGrowth {
	const { rss, heapUsed, external } = process.memoryUsage();
	return { rss: rss / MB, heap: heapUsed / MB, external: external / MB };
}

/** Collects garbage, so that only what is really held counts as "before". */
async function settle(): Promise<void> {
	if (globalThis.gc === undefined) throw new Error('Start with --expose-gc');
	for (let times = 0; times < 3; times += 1) {
		globalThis.gc();
		await pause(50);
	}
}

/** Starts the gauges. The function that it returns stops and reads them. */
export async function startGauges(): Promise<() => Pick<Measured, 'memory' | 'loop'>> {
	await settle();
	const before = memory();
	const most = { ...before };
	const sample = () => {
		const now = memory();
		most.rss = Math.max(most.rss, now.rss);
		most.heap = Math.max(most.heap, now.heap);
		most.external = Math.max(most.external, now.external);
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
			memory: {
				rss: most.rss - before.rss,
				heap: most.heap - before.heap,
				external: most.external - before.external,
			},
			loop: {
				p50: beyond(delays.percentile(50)),
				p99: beyond(delays.percentile(99)),
				most: beyond(delays.max),
			},
		};
	};
}
