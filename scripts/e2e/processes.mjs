// Every process that is started here, and the end of all of them, whatever happens.
import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';

/** Ms that a process has to end by itself before it is killed. */
const GRACE_MS = 10_000;

const running = new Set();

/** Kills what still runs: the last thing that this process does, so it must not wait for anything. */
function killAll() {
	for (const child of running) signalGroup(child, 'SIGKILL');
}

/** Sends a signal to a process and to all that it started: each has a process group of its own. */
function signalGroup({ pid }, signal) {
	try {
		process.kill(-pid, signal);
	} catch (error) {
		if (error.code !== 'ESRCH') throw error;
	}
}

process.on('exit', killAll);
for (const [signal, number] of Object.entries({ SIGHUP: 1, SIGINT: 2, SIGTERM: 15 })) {
	process.on(signal, () => process.exit(128 + number));
}

/**
 * Starts a process. What it prints goes to the file `log`, which is kept open for appending.
 * @returns {{ pid: number, exited: Promise<number>, hasExited: () => boolean, kill: () => Promise<void>, stop: (graceMs?: number) => Promise<void> }}
 */
export function start(command, args, { log, ...options }) {
	const file = openSync(log, 'a');
	const child = spawn(command, args, {
		...options,
		detached: true,
		stdio: ['ignore', file, file],
	});
	closeSync(file);
	let over = false;
	const exited = new Promise((resolve, reject) => {
		child.once('error', reject);
		child.once('exit', (code) => {
			over = true;
			// What it started may have outlived it
			signalGroup(child, 'SIGKILL');
			running.delete(child);
			resolve(code);
		});
	});
	exited.catch(() => {});
	if (child.pid !== undefined) running.add(child);
	return {
		pid: child.pid,
		exited,
		hasExited: () => over,
		async kill() {
			if (!over) signalGroup(child, 'SIGKILL');
			await exited;
		},
		async stop(graceMs = GRACE_MS) {
			if (!over) child.kill('SIGTERM');
			const killer = setTimeout(() => signalGroup(child, 'SIGKILL'), graceMs);
			await exited;
			clearTimeout(killer);
		},
	};
}

/** Runs a command to its end. Throws with the end of what it printed when it fails. */
export async function run(command, args, { log, ...options }) {
	const child = start(command, args, { log, ...options });
	const code = await child.exited;
	if (code === 0) return;
	const printed = readFileSync(log, 'utf8').trim().split('\n').slice(-15).join('\n');
	throw new Error(`${[command, ...args].join(' ')} ended with ${code}:\n${printed}`);
}
