// Every process that is started here, and the end of all of them, whatever happens.
/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, @n8n/community-nodes/no-dangerous-functions, @n8n/community-nodes/require-node-api-error -- a tool: it runs in Node, never in n8n */
import { spawn, type ChildProcess, type SpawnOptions } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';

/** Ms that a process has to end by itself before it is killed. */
const GRACE_MS = 10_000;

/** How to start a process. What it prints is appended to the file `log`. */
export interface StartOptions extends Pick<SpawnOptions, 'cwd' | 'env' | 'uid' | 'gid'> {
	readonly log: string;
}

export interface RunningProcess {
	/** Resolves to the exit code; null when a signal ended it. */
	readonly exited: Promise<number | null>;
	hasExited(): boolean;
	kill(): Promise<void>;
	/** Asks it to end, and kills it if it has not within `graceMs`. */
	stop(graceMs?: number): Promise<void>;
}

const running = new Set<ChildProcess>();

/** Sends a signal to a process and to all that it started: each has a process group of its own. */
function signalGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
	if (pid === undefined) return;
	try {
		process.kill(-pid, signal);
	} catch (error) {
		const isGone = error instanceof Error && 'code' in error && error.code === 'ESRCH';
		if (!isGone) throw error;
	}
}

// The last thing that this process does, so it must not wait for anything
process.on('exit', () => {
	for (const child of running) signalGroup(child, 'SIGKILL');
});
for (const [signal, number] of Object.entries({ SIGHUP: 1, SIGINT: 2, SIGTERM: 15 })) {
	process.on(signal, () => process.exit(128 + number));
}

export function start(
	command: string,
	args: readonly string[],
	{ log, ...options }: StartOptions,
): RunningProcess {
	const file = openSync(log, 'a');
	const child = spawn(command, args, {
		...options,
		detached: true,
		stdio: ['ignore', file, file],
	});
	closeSync(file);
	let over = false;
	const exited = new Promise<number | null>((resolve, reject) => {
		child.once('error', reject);
		child.once('exit', (code) => {
			over = true;
			// What it started may have outlived it
			signalGroup(child, 'SIGKILL');
			running.delete(child);
			resolve(code);
		});
	});
	// Whoever waits for it gets the error; without anybody, it must not end this process
	exited.catch(() => {});
	if (child.pid !== undefined) running.add(child);
	return {
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

/** Runs a command to its end. If it fails, the error has the end of what it printed. */
export async function run(
	command: string,
	args: readonly string[],
	options: StartOptions,
): Promise<void> {
	const code = await start(command, args, options).exited;
	if (code === 0) return;
	throw new Error(`${[command, ...args].join(' ')} ended with ${code}:\n${tailOf(options.log)}`);
}

/** The last lines of a log. */
export function tailOf(log: string): string {
	return readFileSync(log, 'utf8').trim().split('\n').slice(-15).join('\n');
}
