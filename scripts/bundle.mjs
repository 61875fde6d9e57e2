// After `n8n-node build`: puts what each entry point needs at run time into its one file, since n8n installs no dependencies.
import { build } from 'esbuild';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';

const { n8n } = JSON.parse(await readFile('package.json', 'utf8'));
const entryPoints = [...n8n.credentials, ...n8n.nodes];

/** The folder of the package that a bundled file belongs to, e.g. node_modules/zod; undefined for our own files. */
function packageFolder(file) {
	return /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1];
}

async function licenceOf(folder) {
	const { name, version, license } = JSON.parse(
		await readFile(join(folder, 'package.json'), 'utf8'),
	);
	const file = (await readdir(folder)).find((entry) => /^licen[cs]e/i.test(entry));
	if (file === undefined) throw new Error(`${name} has no licence file`);
	return `${name} ${version} (${license})\n\n${(await readFile(join(folder, file), 'utf8')).trim()}\n`;
}

const { metafile } = await build({
	entryPoints,
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

const inputs = Object.keys(metafile.inputs);
const folders = new Set(inputs.map(packageFolder).filter((folder) => folder !== undefined));
const notices = await Promise.all([...folders].sort().map(licenceOf));
await writeFile(
	'dist/THIRD_PARTY_LICENSES.txt',
	`HappyHorse.node.js contains the following packages.\n\n${notices.join(`\n${'-'.repeat(80)}\n\n`)}`,
);

// Beside the bundles, only what n8n itself reads is needed: icons, and the codex file of the node
const isNeeded = (path) =>
	entryPoints.includes(path) || /\.(svg|txt)$/.test(path) || path.endsWith('.node.json');
for (const entry of await readdir('dist', { recursive: true, withFileTypes: true })) {
	const path = join(entry.parentPath, entry.name);
	if (entry.isFile() && !isNeeded(path)) await rm(path);
}
// `n8n-node build` copies every picture below the project, also those of other folders
const ours = new Set(['credentials', 'icons', 'nodes', 'THIRD_PARTY_LICENSES.txt']);
for (const entry of await readdir('dist')) {
	if (!ours.has(entry)) await rm(join('dist', entry), { recursive: true });
}
for (const entry of await readdir('dist/nodes/HappyHorse', { withFileTypes: true })) {
	if (entry.isDirectory()) await rm(join(entry.parentPath, entry.name), { recursive: true });
}
console.log(`Bundled ${[...folders].map((folder) => relative('node_modules', folder)).join(', ')}`);
