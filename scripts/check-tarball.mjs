// Checks the packed package the way n8n gets it: `npm run build` first, then `node scripts/check-tarball.mjs`.
import { execFileSync } from 'node:child_process';
import {
	existsSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	rmSync,
	statSync,
	writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/** n8n verifies small packages only; ours is held to this. */
const MOST_BYTES = 150_000;

/** Beside these, a file in the tarball is a mistake. */
const EXPECTED = [
	'CHANGELOG.md',
	'LICENSE.md',
	'README.md',
	'dist/THIRD_PARTY_LICENSES.txt',
	'dist/credentials/HappyHorseApi.credentials.js',
	'dist/icons/happyhorse.dark.svg',
	'dist/icons/happyhorse.svg',
	'dist/nodes/HappyHorse/HappyHorse.node.js',
	'dist/nodes/HappyHorse/HappyHorse.node.json',
	'package.json',
];

/** npm adds it or leaves it out, depending on its version. */
const OPTIONAL = new Set(['CHANGELOG.md']);

/** The one n8n-workflow that is there: the oldest that the package is tested with. */
const WORKFLOW = 'n8n-workflow@2.8.0';

/** What the code may load beside n8n-workflow. */
const ALLOWED_BUILTINS = new Set(['crypto', 'node:crypto']);

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { name, n8n } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const folder = mkdtempSync(join(tmpdir(), 'tarball-'));
let passed = 0;
const failures = [];

function check(what, problem) {
	if (problem === undefined) passed += 1;
	else failures.push(`${what}: ${problem}`);
	console.log(
		`${problem === undefined ? 'ok  ' : 'FAIL'}  ${what}${problem === undefined ? '' : `: ${problem}`}`,
	);
}

function npm(args, cwd) {
	return execFileSync('npm', [...args, '--no-audit', '--no-fund', '--ignore-scripts'], {
		cwd,
		encoding: 'utf8',
		stdio: ['ignore', 'pipe', 'inherit'],
		shell: process.platform === 'win32',
	});
}

function filesBelow(base) {
	return readdirSync(base, { recursive: true, withFileTypes: true })
		.filter((entry) => entry.isFile())
		.map((entry) => join(entry.parentPath, entry.name));
}

function checkContents(packed) {
	const found = packed.files.map(({ path }) => path);
	const missing = EXPECTED.filter((file) => !found.includes(file) && !OPTIONAL.has(file));
	const surplus = found.filter((file) => !EXPECTED.includes(file));
	check('holds what it should', missing.length === 0 ? undefined : `${missing.join(', ')} missing`);
	check('holds nothing else', surplus.length === 0 ? undefined : surplus.join(', '));
	check(
		`has ${packed.size} bytes, ${MOST_BYTES} at most`,
		packed.size <= MOST_BYTES ? undefined : 'it is too large',
	);
}

/** Every module that the code names, also where it would be loaded late or never. */
function checkImports(installed) {
	const foreign = filesBelow(join(installed, 'dist'))
		.filter((file) => file.endsWith('.js'))
		.flatMap((file) => {
			const code = readFileSync(file, 'utf8');
			const named = [...code.matchAll(/\b(?:require|import)\(\s*["'`]([^"'`]+)["'`]\s*\)/g)];
			return named
				.map(([, module]) => module)
				.filter((module) => !module.startsWith('.') && module !== 'n8n-workflow')
				.filter((module) => !ALLOWED_BUILTINS.has(module))
				.map((module) => `${relative(installed, file)} names ${module}`);
		});
	check('names no module but n8n-workflow', foreign.length === 0 ? undefined : foreign.join(', '));
}

/** Run in the empty folder, by a Node of its own: loads node and credential, and prints what it saw. */
const PROBE = `
const Module = require('node:module');
const load = Module._load;
const asked = new Set();
Module._load = function (request, parent) {
	if (parent?.filename.includes('/node_modules/${name}/') && !request.startsWith('.')) asked.add(request);
	return load.apply(this, arguments);
};
require('n8n-workflow');
const started = process.hrtime.bigint();
const classes = ${JSON.stringify([...n8n.nodes, ...n8n.credentials])}.map((file) => {
	const [, className] = /([^/]+?)\\.(?:node|credentials)\\.js$/.exec(file);
	const made = new (require('${name}/' + file)[className])();
	return made.description ?? { name: made.name, properties: made.properties, icon: made.icon };
});
const ms = Number(process.hrtime.bigint() - started) / 1e6;
console.log(JSON.stringify({ asked: [...asked], ms, classes: classes.map(({ name, icon, properties }) => ({ name, icon, properties: properties.length })) }));
`;

function checkLoading(installed) {
	const output = execFileSync(process.execPath, ['-e', PROBE], { cwd: folder, encoding: 'utf8' });
	const { asked, ms, classes } = JSON.parse(output);
	const foreign = asked.filter(
		(module) => module !== 'n8n-workflow' && !ALLOWED_BUILTINS.has(module),
	);
	check(
		`loads with n8n-workflow alone (${asked.join(', ')})`,
		foreign.length === 0 ? undefined : `it loads ${foreign.join(', ')}`,
	);
	check(`loads in ${ms.toFixed(0)} ms`, undefined);
	const names = classes.map((one) => one.name).join(', ');
	check(
		`gives the node and the credential (${names})`,
		names === 'happyHorse, happyHorseApi' && classes.every((one) => one.properties > 0)
			? undefined
			: 'others were expected',
	);
	const files = [...n8n.nodes, ...n8n.credentials];
	const missing = classes.flatMap(({ icon }, index) =>
		Object.values(icon)
			.map((path) => join(installed, dirname(files[index]), path.replace(/^file:/, '')))
			.filter((path) => !existsSync(path)),
	);
	check('has its icons where it says', missing.length === 0 ? undefined : missing.join(', '));
}

try {
	if (!existsSync(join(root, n8n.nodes[0]))) throw new Error('There is no dist: npm run build');
	const [packed] = JSON.parse(npm(['pack', '--json', '--pack-destination', folder], root));
	const tarball = join(folder, packed.filename);
	checkContents({ ...packed, size: statSync(tarball).size });
	writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
	npm(['install', WORKFLOW], folder);
	// With the flags that the README gives
	npm(['install', '--omit=peer', '--legacy-peer-deps', '--ignore-scripts', tarball], folder);
	const installed = join(folder, 'node_modules', name);
	const own = existsSync(join(installed, 'node_modules'));
	check('brings no packages along', own ? 'it has a node_modules of its own' : undefined);
	checkImports(installed);
	checkLoading(installed);
} finally {
	rmSync(folder, { recursive: true, force: true });
}
console.log(`${passed} passed, ${failures.length} failed`);
if (failures.length > 0) process.exitCode = 1;
