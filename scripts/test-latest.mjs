// Runs the tests against the newest n8n engine that we support: `npm run test:latest [-- jest's arguments]`.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

// A pair that n8n released together
const packages = { 'n8n-core': '2.41.1', 'n8n-workflow': '2.41.0', 'reflect-metadata': '0.2.2' };

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const folder = join(root, '.cache', `n8n-core-${packages['n8n-core']}`);

/** Runs a command to its end, and ends with its exit code when it failed. */
function run(command, args, options) {
	const { status, error } = spawnSync(command, args, { stdio: 'inherit', ...options });
	if (error) throw error;
	if (status !== 0) process.exit(status ?? 1);
}

if (!existsSync(folder)) {
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

const jest = createRequire(import.meta.url).resolve('jest/bin/jest');
run(process.execPath, [jest, ...process.argv.slice(2)], {
	cwd: root,
	env: { ...process.env, ENGINE_MODULES: join(folder, 'node_modules') },
});
