// The walls of docs/ARCHITECTURE.md, read in the code itself: who may import what, and which names stay where they belong.
/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals -- a test tool: it runs in Node, never in n8n */
import { readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import {
	createSourceFile,
	forEachChild,
	isIdentifier,
	isStringLiteral,
	preProcessFile,
} from 'typescript';
import type { Node } from 'typescript';

const folder = join(__dirname, '../nodes/HappyHorse');
const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) =>
	path.endsWith('.ts'),
);
const files = new Map(paths.sort().map((path) => [path, readFileSync(join(folder, path), 'utf8')]));

const DOMAIN = ['order', 'videoTask', 'failure', 'settings'];
const ANY_STEP = [
	...DOMAIN,
	'backoff',
	'clock',
	'deadline',
	'delivery',
	'field',
	'fileType',
	'fingerprint',
	'publicAddress',
	'reason',
];

/** Where all comes together. */
const TOP = ['HappyHorse.node.ts', 'execute.ts', 'service/index.ts'];

/** What the files of a folder may import from outside of it. */
const MAY_IMPORT: Record<string, string[]> = {
	'.': ['n8n-workflow', 'crypto', 'service/service'],
	description: [
		'n8n-workflow',
		'order',
		'settings',
		'videoTask',
		'service/imini/limits',
		'service/modelStudio/limits',
	],
	request: [
		'n8n-workflow',
		'zod',
		'crypto',
		'image-size',
		'storedFile',
		'service/service',
		...ANY_STEP,
	],
	task: ['zod', 'p-limit', 'durableSet', 'identity', 'service/service', ...ANY_STEP],
	output: ['n8n-workflow', 'zod', 'storedFile', 'service/service', 'service/openFile', ...ANY_STEP],
	service: [
		'n8n-workflow',
		'zod',
		'crypto',
		'p-limit',
		'clock',
		'deadline',
		'field',
		'order',
		'publicAddress',
		'videoTask',
	],
};

/** What a file imports, as paths in the folder of the node, or as names of packages. */
function importsOf(path: string): string[] {
	return preProcessFile(files.get(path) ?? '').importedFiles.map(({ fileName }) =>
		fileName.startsWith('.') ? posix.join(posix.dirname(path), fileName) : fileName,
	);
}

/** Names and words of a file that are written as in the service's JSON: with underscores. */
function wireNamesIn(path: string): string[] {
	const found: string[] = [];
	const look = (node: Node): void => {
		if ((isIdentifier(node) || isStringLiteral(node)) && /^[a-z]+(_[a-z]+)+$/.test(node.text))
			found.push(node.text);
		forEachChild(node, look);
	};
	look(createSourceFile(path, files.get(path) ?? '', 99));
	return found;
}

describe.each(paths.filter((path) => !TOP.includes(path)))('%s', (path) => {
	const home = posix.dirname(path);
	const [step] = home.split('/');

	it('imports nothing over a wall', () => {
		const isNear = (name: string) =>
			files.has(`${name}.ts`) && [home, step].includes(posix.dirname(name));
		const others = importsOf(path).filter((name) => !isNear(name));
		expect(others.filter((name) => !MAY_IMPORT[step].includes(name))).toEqual([]);
	});

	it('has no wire names, unless they are public in an item or hidden in a service', () => {
		const isTheirPlace = /^(service\/|output\/(item|errorItem|customData)\.ts)/.test(path);
		expect(isTheirPlace ? [] : wireNamesIn(path)).toEqual([]);
	});
});

it.each(DOMAIN)('the domain knows nothing but itself: %s', (name) => {
	expect(importsOf(`${name}.ts`).filter((other) => !DOMAIN.includes(other))).toEqual([]);
});

it('chance comes from one place', () => {
	expect(paths.filter((path) => files.get(path)?.includes('Math.random'))).toHaveLength(1);
});

it('no file is longer than 250 lines', () => {
	expect(paths.filter((path) => (files.get(path) ?? '').split('\n').length > 251)).toEqual([]);
});

it('the code is read as it is', () => {
	expect(paths.length).toBeGreaterThan(40);
	expect(wireNamesIn('service/imini/body.ts')).toContain('reference_images');
	expect(importsOf('service/imini/imini.ts')).toContain('service/service');
});
