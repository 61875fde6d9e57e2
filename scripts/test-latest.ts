// `npm run test:latest [-- jest's arguments]`: the tests in the newest n8n engine that we support.
/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, @n8n/community-nodes/no-dangerous-functions -- a script: it runs in Node, never in n8n */
import { spawnSync, type SpawnSyncOptions } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, runCommand } from '../tools/command';

// A pair that n8n released together
const packages = { 'n8n-core': '2.41.1', 'n8n-workflow': '2.41.0', 'reflect-metadata': '0.2.2' };

const folder = join(ROOT, '.cache', `n8n-core-${packages['n8n-core']}`);

/** Runs a command to its end, and ends with its exit code if it failed. */
function run(command: string, args: readonly string[], options: SpawnSyncOptions): void {
	const { status, error } = spawnSync(command, args, { stdio: 'inherit', ...options });
	if (error) throw error;
	if (status !== 0) process.exit(status ?? 1);
}

function install(): void {
	// Under another name until it is complete
	const partial = `${folder}.partial`;
	rmSync(partial, { recursive: true, force: true });
	mkdirSync(partial, { recursive: true });
	const manifest = { private: true, dependencies: packages };
	writeFileSync(join(partial, 'package.json'), JSON.stringify(manifest));
	run('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund'], {
		cwd: partial,
		shell: process.platform === 'win32',
	});
	renameSync(partial, folder);
}

void runCommand(() => {
	if (!existsSync(folder)) install();
	run(process.execPath, [require.resolve('jest/bin/jest'), ...process.argv.slice(2)], {
		cwd: ROOT,
		env: { ...process.env, ENGINE_MODULES: join(folder, 'node_modules') },
	});
});
