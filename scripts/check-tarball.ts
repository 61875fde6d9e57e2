// `npm run check:tarball`, after a build: the packed package the way n8n gets it.
/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, @n8n/community-nodes/no-dangerous-functions -- a script: it runs in Node, never in n8n */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { z } from 'zod';
import { name } from '../package.json';
import { print, runCommand } from '../tools/command';
import { ENTRY_POINTS, npm, pack, type Packed } from '../tools/pack';

/** n8n verifies small packages only; ours is held to this. */
const MOST_BYTES = 180_000;

/** Beside these, a file in the tarball is a mistake. */
const EXPECTED = [
	'CHANGELOG.md',
	'LICENSE.md',
	'README.md',
	'dist/THIRD_PARTY_LICENSES.txt',
	'dist/credentials/HappyHorseApi.credentials.js',
	'dist/credentials/HappyHorseModelStudioApi.credentials.js',
	'dist/icons/happyhorse.dark.svg',
	'dist/icons/happyhorse.svg',
	'dist/nodes/HappyHorse/HappyHorse.node.js',
	'dist/nodes/HappyHorse/HappyHorse.node.json',
	'package.json',
];

/** npm adds it or leaves it out, depending on its version. */
const OPTIONAL = new Set(['CHANGELOG.md']);

/** The only n8n-workflow there: the oldest that the package is tested with. */
const WORKFLOW = 'n8n-workflow@2.8.0';

/** What the code may load. */
const ALLOWED_MODULES = new Set(['n8n-workflow', 'crypto', 'node:crypto']);

const counts = { passed: 0, failed: 0 };

/** Prints one check; `problem` is '' where there is none. */
function check(what: string, problem: string): void {
	counts[problem === '' ? 'passed' : 'failed'] += 1;
	print(problem === '' ? `ok    ${what}` : `FAIL  ${what}: ${problem}`);
}

function checkContents({ files, size }: Packed): void {
	const missing = EXPECTED.filter((file) => !files.includes(file) && !OPTIONAL.has(file));
	const surplus = files.filter((file) => !EXPECTED.includes(file));
	check('holds what it should', missing.length === 0 ? '' : `${missing.join(', ')} missing`);
	check('holds nothing else', surplus.join(', '));
	const small = size <= MOST_BYTES;
	check(`has ${size} bytes, ${MOST_BYTES} at most`, small ? '' : 'it is too large');
}

/** Every module that the code names, including those it would load late or never. */
function checkImports(installed: string): void {
	const foreign = readdirSync(join(installed, 'dist'), { recursive: true, encoding: 'utf8' })
		.filter((file) => file.endsWith('.js'))
		.flatMap((file) => {
			const code = readFileSync(join(installed, 'dist', file), 'utf8');
			const named = [...code.matchAll(/\b(?:require|import)\(\s*["'`]([^"'`]+)["'`]\s*\)/g)];
			return named
				.map(([, module]) => module)
				.filter((module) => !module.startsWith('.') && !ALLOWED_MODULES.has(module))
				.map((module) => `${join('dist', file)} names ${module}`);
		});
	check('names no module but n8n-workflow', foreign.join(', '));
}

/** Run in the empty folder, by a Node of its own: loads node and credentials, and prints what it saw. */
const PROBE = `
const Module = require('node:module');
const load = Module._load;
const loaded = new Set();
Module._load = function (request, parent) {
	if (parent?.filename.includes('/node_modules/${name}/') && !request.startsWith('.')) loaded.add(request);
	return load.apply(this, arguments);
};
require('n8n-workflow');
const started = process.hrtime.bigint();
const classes = ${JSON.stringify(ENTRY_POINTS)}.map((file) => {
	const [, className] = /([^/]+?)\\.(?:node|credentials)\\.js$/.exec(file);
	const made = new (require('${name}/' + file)[className])();
	return { file, ...(made.description ?? { name: made.name, properties: made.properties, icon: made.icon }) };
});
const ms = Number(process.hrtime.bigint() - started) / 1e6;
console.log(JSON.stringify({ loaded: [...loaded], ms, classes: classes.map(({ file, name, icon, properties }) => ({ file, name, icon, properties: properties.length })) }));
`;

const probeShape = z.object({
	loaded: z.array(z.string()),
	ms: z.number(),
	classes: z.array(
		z.object({
			file: z.string(),
			name: z.string(),
			icon: z.record(z.string()),
			properties: z.number(),
		}),
	),
});

function checkLoading(folder: string, installed: string): void {
	const output = execFileSync(process.execPath, ['-e', PROBE], { cwd: folder, encoding: 'utf8' });
	const { loaded, ms, classes } = probeShape.parse(JSON.parse(output));
	const foreign = loaded.filter((module) => !ALLOWED_MODULES.has(module));
	check(`loads with n8n-workflow alone (${loaded.join(', ')})`, foreign.join(', '));
	check(`loads in ${ms.toFixed(0)} ms`, '');
	const names = classes.map((one) => one.name).join(', ');
	const complete =
		names === 'happyHorseApi, happyHorseModelStudioApi, happyHorse' &&
		classes.every(({ properties }) => properties > 0);
	check(`gives the credentials and the node (${names})`, complete ? '' : 'others were expected');
	const icons = classes.flatMap(({ file, icon }) =>
		Object.values(icon).map((path) => join(installed, dirname(file), path.replace(/^file:/, ''))),
	);
	const missing = icons.filter((path) => !existsSync(path));
	check('has its icons where it says', missing.map((path) => relative(installed, path)).join(', '));
}

function checkAll(folder: string): void {
	const packed = pack(folder);
	checkContents(packed);
	writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
	npm(['install', WORKFLOW], folder);
	// With the flags that docs/install.md gives
	npm(['install', '--omit=peer', '--legacy-peer-deps', packed.tarball], folder);
	const installed = join(folder, 'node_modules', name);
	const own = existsSync(join(installed, 'node_modules'));
	check('brings no packages along', own ? 'it has a node_modules of its own' : '');
	checkImports(installed);
	checkLoading(folder, installed);
}

void runCommand(() => {
	const folder = mkdtempSync(join(tmpdir(), 'tarball-'));
	try {
		checkAll(folder);
	} finally {
		rmSync(folder, { recursive: true, force: true });
	}
	print(`${counts.passed} passed, ${counts.failed} failed`);
	if (counts.failed > 0) process.exitCode = 1;
});
