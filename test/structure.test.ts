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

/** Where all comes together. */
const TOP = ['HappyHorse.node.ts', 'execute.ts', 'joinVideos.ts', 'service/index.ts'];

/** Packages and files outside of its own folder that a folder may import; `domain/` stands for all files of that folder. */
const MAY_IMPORT: Record<string, string[]> = {
	domain: [],
	util: ['n8n-workflow', 'crypto'],
	n8n: ['n8n-workflow', 'zod', 'domain/', 'util/'],
	mp4: [],
	description: ['n8n-workflow', 'domain/', 'service', 'service/service'],
	request: [
		'n8n-workflow',
		'crypto',
		'image-size',
		'description/form',
		'domain/',
		'util/',
		'mp4/',
		'n8n/storedFile',
		'n8n/tell',
		'service/service',
	],
	task: ['zod', 'p-limit', 'domain/', 'util/', 'n8n/durableSet', 'n8n/identity', 'service/service'],
	output: [
		'n8n-workflow',
		'domain/',
		'util/',
		'mp4/',
		'n8n/storedFile',
		'service/service',
		'service/http/openFile',
		'task/context',
	],
	service: [
		'n8n-workflow',
		'zod',
		'crypto',
		'util/',
		'domain/order',
		'domain/limits',
		'domain/task',
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
	const [room] = home.split('/');

	it('imports nothing over a wall', () => {
		// A service knows what all services share, but no other service
		const near = room === 'service' ? [home, room, `${room}/http`] : [home];
		const may = (name: string) =>
			near.includes(posix.dirname(name)) ||
			MAY_IMPORT[room].includes(name) ||
			MAY_IMPORT[room].includes(`${name.split('/')[0]}/`);
		expect(importsOf(path).filter((name) => !may(name))).toEqual([]);
	});

	it('has no wire names, unless they are public in an item or hidden in a service', () => {
		const isTheirPlace = /^(service\/|output\/(item|errorItem)\.ts|n8n\/customData\.ts)/.test(path);
		expect(isTheirPlace ? [] : wireNamesIn(path)).toEqual([]);
	});
});

it('no files import each other in a circle', () => {
	const seen = new Map<string, 'open' | 'done'>();
	const circles: string[] = [];
	const visit = (path: string): void => {
		if (seen.get(path) === 'done') return;
		if (seen.get(path) === 'open') circles.push(path);
		else {
			seen.set(path, 'open');
			for (const name of importsOf(path)) {
				const next = [`${name}.ts`, `${name}/index.ts`].find((one) => files.has(one));
				if (next !== undefined) visit(next);
			}
		}
		seen.set(path, 'done');
	};
	paths.forEach(visit);
	expect(circles).toEqual([]);
});

it('every file is used by another, but the one that n8n loads', () => {
	const used = new Set(paths.flatMap(importsOf));
	const isUsed = (path: string) => used.has(path.replace(/(\/index)?\.ts$/, ''));
	expect(paths.filter((path) => !isUsed(path))).toEqual(['HappyHorse.node.ts']);
});

it('chance comes from one place', () => {
	expect(paths.filter((path) => files.get(path)?.includes('Math.random'))).toHaveLength(1);
});

it('no file is longer than 350 lines', () => {
	expect(paths.filter((path) => (files.get(path) ?? '').split('\n').length > 351)).toEqual([]);
});

it('the code is read as it is', () => {
	expect(paths.length).toBeGreaterThan(40);
	expect(wireNamesIn('service/imini/imini.ts')).toContain('reference_images');
	expect(importsOf('service/imini/imini.ts')).toContain('service/json');
});
