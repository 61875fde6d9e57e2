// What a storm kills: n8n by itself, or a main and a worker of queue mode, together or one of them.
import type { N8n } from '../../../tools/n8n/n8n';
import type { CredentialName } from '../../../tools/n8n/furnish';
import { pick } from '../../../tools/chance';
import { startQueueMode } from '../queueMode';
import type { World } from '../world';

/** An n8n that can be killed. */
export interface Victim {
	/** What people talk to. */
	readonly n8n: N8n;
	/** Of the node. */
	readonly credential: CredentialName;
	/** Paths of its logs. */
	readonly logs: readonly string[];
	/** Kills what `roll`, a number from 0 to 1, chooses. Returns whether the node ran in it. */
	kill(roll: number): Promise<boolean>;
	/** Starts again what was killed. */
	revive(): Promise<void>;
	/** Starts all of it anew, with `change` made in between to the files of the node. */
	restart(change: () => void): Promise<void>;
	stop(): Promise<void>;
}

/** n8n as most run it. */
export function soleN8n({ n8n, credential }: World): Victim {
	return {
		n8n,
		credential,
		logs: [n8n.log],
		async kill() {
			await n8n.kill();
			return true;
		},
		async revive() {
			await n8n.start();
		},
		async restart(change) {
			await n8n.stop();
			change();
			await n8n.start();
		},
		async stop() {},
	};
}

type Target = 'worker' | 'main' | 'both';

/** Queue mode. One worker: which of several has the job is not known from outside. */
export async function mainAndWorker(world: World): Promise<Victim> {
	const { n8n, credential, startWorker, stop } = await startQueueMode(world, 'storm');
	let worker = await startWorker('storm-worker');
	let killed: Target | undefined;
	return {
		n8n,
		credential,
		logs: [n8n.log, worker.log],
		async kill(roll) {
			killed = pick<Target>(roll, [
				[1, 'worker'],
				[1, 'main'],
				[2, 'both'],
			]);
			await Promise.all([
				killed === 'worker' ? undefined : n8n.kill(),
				killed === 'main' ? undefined : worker.kill(),
			]);
			return killed !== 'main';
		},
		async revive() {
			if (killed !== 'worker') await n8n.start();
			if (killed !== 'main') worker = await startWorker('storm-worker');
		},
		async restart(change) {
			await worker.stop();
			await n8n.stop();
			change();
			await n8n.start();
			worker = await startWorker('storm-worker');
		},
		stop,
	};
}
