// After `n8n-node build`: puts what each entry point needs at run time into its one file, since n8n installs no dependencies.
/* eslint-disable @n8n/community-nodes/no-restricted-imports -- a script: it runs in Node, never in n8n */
import { build } from 'esbuild';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { z } from 'zod';
import { print, runCommand } from '../tools/command';
import { ENTRY_POINTS } from '../tools/pack';

const manifestShape = z.object({ name: z.string(), version: z.string(), license: z.string() });

/** The folder of the package that a bundled file belongs to, e.g. node_modules/zod; none for our own files. */
function packageFolders(file: string): string[] {
	const [, folder] = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(file) ?? [];
	return folder === undefined ? [] : [folder];
}

async function licenceOf(folder: string): Promise<string> {
	const manifest: unknown = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
	const { name, version, license } = manifestShape.parse(manifest);
	const file = (await readdir(folder)).find((entry) => /^licen[cs]e/i.test(entry));
	if (file === undefined) throw new Error(`${name} has no licence file`);
	return `${name} ${version} (${license})\n\n${(await readFile(join(folder, file), 'utf8')).trim()}\n`;
}

/** Returns the folders of the packages that went into the bundles. */
async function bundle(): Promise<string[]> {
	const { metafile } = await build({
		entryPoints: ENTRY_POINTS,
		outdir: 'dist',
		outbase: 'dist',
		allowOverwrite: true,
		bundle: true,
		platform: 'node',
		target: 'node20',
		format: 'cjs',
		external: ['n8n-workflow'],
		metafile: true,
		logLevel: 'warning',
	});
	return [...new Set(Object.keys(metafile.inputs).flatMap(packageFolders))];
}

/** Beside the bundles and the icons, what n8n itself reads of the package. */
const CODEX = 'dist/nodes/HappyHorse/HappyHorse.node.json';

/** `n8n-node build` leaves every compiled file, and every image below the project, also those of other folders. */
async function removeTheRest(): Promise<void> {
	for (const entry of await readdir('dist', { recursive: true, withFileTypes: true })) {
		const path = join(entry.parentPath, entry.name);
		const isNeeded = [...ENTRY_POINTS, CODEX].includes(path) || path.startsWith('dist/icons/');
		if (entry.isFile() && !isNeeded) await rm(path);
	}
}

void runCommand(async () => {
	const folders = await bundle();
	const notices = await Promise.all([...folders].sort().map(licenceOf));
	await removeTheRest();
	await writeFile(
		'dist/THIRD_PARTY_LICENSES.txt',
		`HappyHorse.node.js contains the following packages.\n\n${notices.join(`\n${'-'.repeat(80)}\n\n`)}`,
	);
	print(`Bundled ${folders.map((folder) => relative('node_modules', folder)).join(', ')}`);
});
