// The package as npm packs it: the one way to a tarball, for its checks, its size and real n8n alike.
/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, @n8n/community-nodes/no-dangerous-functions -- a tool: it runs in Node, never in n8n */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { n8n } from '../package.json';
import { PlainError, ROOT } from './command';

/** Where n8n looks for what the package brings, as package.json tells it. */
export const ENTRY_POINTS = [...n8n.credentials, ...n8n.nodes];

export interface Packed {
	/** Path of the tarball. */
	readonly tarball: string;
	/** Bytes of the tarball. */
	readonly size: number;
	/** Paths inside the package. */
	readonly files: string[];
}

const reportShape = z.tuple([
	z.object({ filename: z.string(), files: z.array(z.object({ path: z.string() })) }),
]);

/** Runs npm, without any scripts of packages, and returns what it printed. */
export function npm(args: readonly string[], cwd: string): string {
	return execFileSync('npm', [...args, '--no-audit', '--no-fund', '--ignore-scripts'], {
		cwd,
		encoding: 'utf8',
		stdio: ['ignore', 'pipe', 'inherit'],
		// npm is a .cmd there, which only a shell can run
		shell: process.platform === 'win32',
	});
}

/** Packs what `npm run build` has left in dist; the tarball goes into `folder`. */
export function pack(folder: string): Packed {
	const missing = ENTRY_POINTS.filter((path) => !existsSync(join(ROOT, path)));
	if (missing.length > 0) {
		throw new PlainError(`Missing: ${missing.join(', ')}. Run \`npm run build\` first.`);
	}
	const report = npm(['pack', '--json', '--silent', '--pack-destination', folder], ROOT);
	const [{ filename, files }] = reportShape.parse(JSON.parse(report));
	const tarball = join(folder, filename);
	return { tarball, size: statSync(tarball).size, files: files.map(({ path }) => path) };
}

/** Unpacks a tarball into `folder`, as an installation does. */
export function unpack(tarball: string, folder: string): void {
	mkdirSync(folder, { recursive: true });
	execFileSync('tar', ['-xzf', tarball, '-C', folder, '--strip-components=1']);
}
