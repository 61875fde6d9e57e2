// n8n in queue mode: a main with Redis and PostgreSQL, to which workers can be added.
/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-dangerous-functions, @n8n/community-nodes/require-node-api-error -- a script: it runs in Node, never in n8n */
import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { basename, join } from 'node:path';
import { addPackage } from '../../tools/n8n/addPackage';
import { createCredentials } from '../../tools/n8n/furnish';
import { freePort, N8n, type Worker } from '../../tools/n8n/n8n';
import { run, start } from '../../tools/n8n/processes';
import { until } from '../../tools/n8n/rest';
import { requireProgram, type Program } from './programs';
import type { World } from './world';

/** What it needs. */
export const QUEUE_PROGRAMS: readonly Program[] = ['redis-server', 'postgres', 'initdb'];

/**
 * Ms: how long a worker holds a job, how often it renews that, how often jobs that nobody holds are looked for. Minutes:
 * how often the main looks for executions that have no job.
 */
const QUEUE_TIMES = {
	QUEUE_WORKER_LOCK_DURATION: '4000',
	QUEUE_WORKER_LOCK_RENEW_TIME: '1000',
	QUEUE_WORKER_STALLED_INTERVAL: '2000',
	N8N_EXECUTIONS_QUEUE_RECOVERY_INTERVAL: '0.5',
};

/** What has to be stopped at the end, the last one first. */
type Started = Array<{ stop(): Promise<void> }>;

export type QueueMode = Awaited<ReturnType<typeof startQueueMode>>;

/** Starts a main, with the node in it. `name`: of its folder and logs. */
export async function startQueueMode(world: World, name: string) {
	const { install, tarball, simulator, model, output } = world;
	// A new one each time: a scenario may run twice
	const folder = mkdtempSync(join(world.folder, `${name}-`));
	const started: Started = [];
	const stop = async () => {
		for (const process of started.reverse()) await process.stop();
	};
	try {
		const n8n = new N8n({
			install,
			folder: join(folder, 'n8n'),
			port: await freePort(),
			output,
			env: await startServers(join(output, `${basename(folder)}-servers.log`), folder, started),
			name: `${name}-main`,
		});
		await addPackage(tarball, n8n.folder, join(output, 'install.log'));
		started.push(n8n);
		await n8n.start();
		const credential = await createCredentials(n8n.rest, simulator, model);
		/** `patience`: seconds that it has to finish its work after a stop. */
		const startWorker = async (worker: string, patience = 60): Promise<Worker> => {
			// One that finds an old event log at its start marks every waiting execution in it as crashed (n8n 2.41)
			const events = join(mkdtempSync(join(folder, 'events-')), 'events.log');
			const running = await n8n.startWorker(worker, {
				N8N_GRACEFUL_SHUTDOWN_TIMEOUT: String(patience),
				N8N_EVENTBUS_LOGWRITER_LOGFULLPATH: events,
			});
			started.push(running);
			return running;
		};
		return { n8n, credential, startWorker, stop };
	} catch (error) {
		await stop();
		throw error;
	}
}

/** Starts PostgreSQL and Redis, and returns the environment that n8n finds them by. */
async function startServers(log: string, folder: string, started: Started) {
	const redisPort = String(await freePort());
	const redis = ['--port', redisPort, '--bind', '127.0.0.1', '--save', '', '--dir', folder];
	started.push(start(requireProgram('redis-server'), redis, { log }));

	const data = join(folder, 'postgres');
	mkdirSync(data);
	const user = postgresUser();
	if (user) {
		chownSync(data, user.uid, user.gid);
		// PostgreSQL does not run as root, and its own user has to get to its folder
		for (const above of [join(folder, '..'), folder]) chmodSync(above, 0o711);
	}
	const options = { log, cwd: data, ...user };
	const setup = ['-D', data, '-U', 'n8n', '-A', 'trust', '-E', 'UTF8', '-N'];
	await run(requireProgram('initdb'), setup, options);
	const port = String(await freePort());
	const flags = ['-D', data, '-p', port, '-c', 'listen_addresses=127.0.0.1', '-c', 'fsync=off'];
	const sockets = ['-c', `unix_socket_directories=${data}`];
	started.push(start(requireProgram('postgres'), [...flags, ...sockets], options));
	await until(
		() => readFileSync(log, 'utf8').includes('ready to accept connections'),
		'PostgreSQL to be ready',
	);
	return {
		DB_TYPE: 'postgresdb',
		DB_POSTGRESDB_HOST: '127.0.0.1',
		DB_POSTGRESDB_PORT: port,
		DB_POSTGRESDB_DATABASE: 'postgres',
		DB_POSTGRESDB_USER: 'n8n',
		DB_POSTGRESDB_PASSWORD: 'none',
		EXECUTIONS_MODE: 'queue',
		QUEUE_BULL_REDIS_HOST: '127.0.0.1',
		QUEUE_BULL_REDIS_PORT: redisPort,
		...QUEUE_TIMES,
	};
}

/** The user to run PostgreSQL as, where this runs as root. */
function postgresUser() {
	if (userInfo().uid !== 0) return undefined;
	const idOf = (flag: string) =>
		Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
	return { uid: idOf('-u'), gid: idOf('-g') };
}
