// An n8n that is killed and started again: by itself, or a main and workers of queue mode, together or only some of it.
import type { N8n } from '../../tools/n8n/n8n';
import type { Credential } from '../../tools/n8n/rest';
import { startQueueMode } from './queueMode';
import type { World } from './world';

/** What is killed in queue mode; otherwise there is only one n8n. */
export type Target = 'workers' | 'main' | 'all';

export interface Victim {
	/** What people talk to. */
	readonly n8n: N8n;
	/** Of the node. */
	readonly credential: Credential;
	/** Paths of its logs. */
	readonly logs: readonly string[];
	/** Returns whether the node ran in what it has killed. */
	kill(target: Target): Promise<boolean>;
	/** Starts again what was killed. */
	revive(): Promise<void>;
	stop(): Promise<void>;
}

/** The world's own n8n; with `--mode queue` one with so many workers. `name`: of its folder and logs. */
export async function startVictim(world: World, name: string, count: number): Promise<Victim> {
	const queue = world.storm.mode === 'queue' ? await startQueueMode(world, name) : undefined;
	const { n8n, credential } = queue ?? world;
	const startWorkers = async () => {
		const names = Array.from({ length: count }, (_, n) => `${name}-worker-${n + 1}`);
		return queue ? await Promise.all(names.map(async (one) => await queue.startWorker(one))) : [];
	};
	let workers = await startWorkers();
	let killed: Target = 'all';
	return {
		n8n,
		credential,
		logs: [n8n.log, ...workers.map(({ log }) => log)],
		async kill(target) {
			killed = queue ? target : 'all';
			const dying = [...(killed === 'workers' ? [] : [n8n]), ...(killed === 'main' ? [] : workers)];
			await Promise.all(dying.map(async (one) => await one.kill()));
			return killed !== 'main';
		},
		async revive() {
			if (killed !== 'workers') await n8n.start();
			if (killed !== 'main') workers = await startWorkers();
		},
		stop: async () => await queue?.stop(),
	};
}
