// The package as published: its size, and how long n8n takes to load it.
/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals -- a benchmark: it runs in Node, never in n8n */
import { execFile } from 'node:child_process';
import { mkdir, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { ENTRY_POINTS, pack, unpack } from '../../tools/pack';
import { median, most } from './figures';
import { limited, rounded, type Row } from './rows';

const run = promisify(execFile);

/** Run in a new process: n8n-workflow first, as in n8n, then what n8n loads of the package. */
const LOAD = `
const { performance } = require('node:perf_hooks');
require('n8n-workflow');
const from = performance.now();
for (const file of process.argv.slice(1)) require(file);
console.log(performance.now() - from);
`;

/** Packs what lies in `dist`, unpacks it in `folder` as an install would, and loads it again and again. */
export async function packageRows(quick: boolean, folder: string): Promise<Row[]> {
	const times = quick ? 3 : 15;
	const { tarball, size } = pack(folder);
	const place = join(folder, 'package');
	unpack(tarball, place);
	const modules = join(folder, 'node_modules');
	await mkdir(modules);
	await symlink(
		dirname(require.resolve('n8n-workflow/package.json')),
		join(modules, 'n8n-workflow'),
	);
	const files = ENTRY_POINTS.map((file) => join(place, file));
	const milliseconds: number[] = [];
	for (let time = 0; time < times; time += 1) {
		const { stdout } = await run(process.execPath, ['-e', LOAD, ...files], { cwd: place });
		milliseconds.push(Number(stdout));
	}
	return [
		limited('package: tarball', size / 1000, 150, 'kB'),
		limited(`package: require, median of ${times} processes`, median(milliseconds), 40, 'ms', {
			figure: `${rounded(median(milliseconds))} ms (worst ${rounded(most(milliseconds))})`,
		}),
	];
}
