// `npm run check:tarball`, after a build: the packed package the way n8n gets it.
/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, @n8n/community-nodes/no-dangerous-functions -- a script: it runs in Node, never in n8n */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { name } from '../package.json';
import { SERVICES } from '../nodes/HappyHorse/service';
import { print, runCommand } from '../tools/command';
import { ENTRY_POINTS, npm, pack } from '../tools/pack';

/** n8n verifies small packages only; ours is held to this. */
const MOST_BYTES = 180_000;

/** Beside these, a file in the tarball is a mistake. */
const EXPECTED = [
	...ENTRY_POINTS,
	'LICENSE.md',
	'README.md',
	'dist/THIRD_PARTY_LICENSES.txt',
	'dist/icons/happyhorse.dark.svg',
	'dist/icons/happyhorse.svg',
	'dist/nodes/HappyHorse/HappyHorse.node.json',
	'package.json',
];

/** npm adds it or leaves it out, depending on its version. */
const OPTIONAL = 'CHANGELOG.md';

/** The only n8n-workflow there: the oldest that the package is tested with. */
const WORKFLOW = 'n8n-workflow@2.8.0';

/** What the code may load. */
const ALLOWED_MODULES = ['n8n-workflow', 'crypto', 'node:crypto'];

/** Every module that the code names, including those it would load late or never. */
function modulesNamedIn(installed: string): string[] {
	const files = readdirSync(join(installed, 'dist'), { recursive: true, encoding: 'utf8' });
	return files
		.filter((file) => file.endsWith('.js'))
		.flatMap((file) => {
			const code = readFileSync(join(installed, 'dist', file), 'utf8');
			const named = code.matchAll(/\b(?:require|import)\(\s*["'`]([^"'`]+)["'`]\s*\)/g);
			return [...named].map(([, module]) => module);
		})
		.filter((module) => !module.startsWith('.'));
}

/** Run in the empty folder, by a Node of its own: loads node and credentials, and prints what it saw. */
const PROBE = `
require('n8n-workflow');
const from = performance.now();
const classes = ${JSON.stringify(ENTRY_POINTS)}.map((file) => {
	const [, className] = /([^/]+?)\\.(?:node|credentials)\\.js$/.exec(file);
	const made = new (require('${name}/' + file)[className])();
	const { name, icon, properties } = made.description ?? made;
	return { file, name, icon, properties: properties.length };
});
console.log(JSON.stringify({ ms: performance.now() - from, classes }));
`;

const probeShape = z.object({
	ms: z.number(),
	classes: z.array(
		z.object({
			file: z.string(),
			name: z.string(),
			icon: z.record(z.string()),
			properties: z.number().positive(),
		}),
	),
});

/** What is promised of the package, each with what is wrong with it. */
function findings(folder: string): Array<[promise: string, wrong: string[]]> {
	const { files, size, tarball } = pack(folder);
	writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
	npm(['install', WORKFLOW], folder);
	// With the flags that docs/install.md gives
	npm(['install', '--omit=peer', '--legacy-peer-deps', tarball], folder);
	const installed = join(folder, 'node_modules', name);
	const output = execFileSync(process.execPath, ['-e', PROBE], { cwd: folder, encoding: 'utf8' });
	const { ms, classes } = probeShape.parse(JSON.parse(output));
	const names = classes.map((one) => one.name).join(', ');
	const icons = classes.flatMap(({ file, icon }) =>
		Object.values(icon).map((path) => join(dirname(file), path.replace(/^file:/, ''))),
	);
	const foreign = modulesNamedIn(installed).filter((one) => !ALLOWED_MODULES.includes(one));
	const isExpected =
		names === `${SERVICES.map(({ credential }) => credential).join(', ')}, happyHorse`;
	return [
		['holds what it should', EXPECTED.filter((file) => !files.includes(file))],
		['holds nothing else', files.filter((file) => ![...EXPECTED, OPTIONAL].includes(file))],
		[`has ${MOST_BYTES} bytes at most`, size <= MOST_BYTES ? [] : [`${size}`]],
		[
			'brings no packages along',
			existsSync(join(installed, 'node_modules')) ? ['node_modules'] : [],
		],
		['names no module but n8n-workflow', foreign],
		[
			`loads with n8n-workflow alone (${size} bytes, ${ms.toFixed(0)} ms)`,
			isExpected ? [] : [names],
		],
		['has its icons where it says', icons.filter((path) => !existsSync(join(installed, path)))],
	];
}

void runCommand(() => {
	const folder = mkdtempSync(join(tmpdir(), 'tarball-'));
	try {
		for (const [promise, wrong] of findings(folder)) {
			print(wrong.length === 0 ? `ok    ${promise}` : `FAIL  ${promise}: ${wrong.join(', ')}`);
			if (wrong.length > 0) process.exitCode = 1;
		}
	} finally {
		rmSync(folder, { recursive: true, force: true });
	}
});
