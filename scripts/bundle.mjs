// After `n8n-node build`: puts what the node needs at run time into one file, since n8n installs no dependencies.
import { build } from 'esbuild';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';

const NODE_FOLDER = 'dist/nodes/HappyHorse';
const ENTRY = join(NODE_FOLDER, 'HappyHorse.node.js');

/** The folder of the package that a bundled file belongs to, e.g. node_modules/zod; undefined for our own files. */
function packageFolder(file) {
	return /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1];
}

async function licenceOf(folder) {
	const { name, version, license } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
	const file = (await readdir(folder)).find((entry) => /^licen[cs]e/i.test(entry));
	if (file === undefined) throw new Error(`${name} has no licence file`);
	return `${name} ${version} (${license})\n\n${(await readFile(join(folder, file), 'utf8')).trim()}\n`;
}

const { metafile } = await build({
	entryPoints: [ENTRY],
	outfile: ENTRY,
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

// What is in the bundle is not needed beside it
const keep = new Set([relative(NODE_FOLDER, ENTRY), 'HappyHorse.node.json']);
for (const entry of await readdir(NODE_FOLDER, { recursive: true, withFileTypes: true })) {
	const path = relative(NODE_FOLDER, join(entry.parentPath, entry.name));
	if (entry.isFile() && !keep.has(path)) await rm(join(NODE_FOLDER, path));
}
for (const entry of await readdir(NODE_FOLDER, { withFileTypes: true })) {
	if (entry.isDirectory()) await rm(join(NODE_FOLDER, entry.name), { recursive: true });
}
await rm('dist/package.json', { force: true });
console.log(`Bundled ${[...folders].map((folder) => folder.slice(folder.indexOf('node_modules/') + 13)).join(', ')} into ${relative(dirname('dist'), ENTRY)}`);
