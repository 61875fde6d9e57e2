// The package as a user gets it: built, packed, and put where n8n's own installer of community nodes puts it.
/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals -- a tool: it runs in Node, never in n8n */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { name } from '../../package.json';
import { ROOT } from '../command';
import { pack, unpack } from '../pack';
import { run } from './processes';

const manifestShape = z.object({ version: z.string() }).passthrough();

/** Builds and packs the package. Returns the path of the tarball, in `folder`. */
export async function buildAndPack(folder: string, log: string): Promise<string> {
	// CI: no spinners in the log
	await run('npm', ['run', 'build'], { cwd: ROOT, log, env: { ...process.env, CI: 'true' } });
	return pack(folder).tarball;
}

/**
 * Puts the package into the folder of an n8n user, step by step as n8n does it (2.8: its community-packages.service):
 * unpacked, without dev, peer and optional dependencies, and the rest installed without scripts.
 */
export async function addPackage(tarball: string, userFolder: string, log: string): Promise<void> {
	const nodes = join(userFolder, '.n8n', 'nodes');
	const folder = join(nodes, 'node_modules', name);
	unpack(tarball, folder);
	const file = join(folder, 'package.json');
	const manifest = manifestShape.parse(JSON.parse(readFileSync(file, 'utf8')));
	for (const kind of ['devDependencies', 'peerDependencies', 'optionalDependencies']) {
		delete manifest[kind];
	}
	writeFileSync(file, JSON.stringify(manifest, null, 2));
	const flags = ['--audit=false', '--fund=false', '--bin-links=false', '--ignore-scripts=true'];
	const shallow = ['--install-strategy=shallow', '--package-lock=false'];
	await run('npm', ['install', ...flags, ...shallow], { cwd: folder, log });
	const installed = { private: true, dependencies: { [name]: manifest.version } };
	writeFileSync(join(nodes, 'package.json'), JSON.stringify(installed));
}
