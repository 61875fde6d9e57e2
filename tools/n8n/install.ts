// n8n of a given version with a Node that fits, installed once into the ignored folder .cache.
/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, @n8n/community-nodes/no-dangerous-functions -- a tool: it runs in Node, never in n8n */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { PlainError, print, ROOT } from '../command';
import { run, type StartOptions } from './processes';

const CACHE = join(ROOT, '.cache');

/** Node for the versions of n8n that the running one is too old or too new for; from npm, as everything here. */
const OTHER_NODE = '24.21.0';

/** Older versions of n8n name an xlsx that lies outside of the npm registry. */
const XLSX = { xlsx: '0.18.5' };

interface Version {
	/** Majors of Node that it runs on. */
	nodes: number[];
	/** What has to be compiled by itself: install scripts are off, since some fetch files from elsewhere. */
	modules: string[];
	/** Versions of packages to put in place of those that it names. */
	overrides?: Record<string, string>;
	/** On top of what all have. */
	env: Record<string, string>;
}

/** The versions of n8n that are known to work here, the oldest first. */
const VERSIONS: Record<string, Version> = {
	// The last of 1.x. Its isolated-vm does not compile for Node 20, and the old expressions do without it. Its old way of
	// using SQLite, with one connection, loses writes of executions that run side by side
	'1.123.81': {
		nodes: [20, 22],
		modules: ['sqlite3'],
		overrides: XLSX,
		env: { N8N_EXPRESSION_ENGINE: 'legacy', N8N_DISABLED_MODULES: '', DB_SQLITE_POOL_SIZE: '4' },
	},
	// The last one for Node 20
	'2.8.4': {
		nodes: [20, 22, 24],
		modules: ['sqlite3', 'isolated-vm'],
		overrides: XLSX,
		env: { N8N_DISABLED_MODULES: 'insights,chat-hub,breaking-changes' },
	},
	// The last one for Node 22
	'2.35.7': {
		nodes: [22, 24],
		modules: ['sqlite3', 'isolated-vm'],
		env: { N8N_DISABLED_MODULES: 'insights,chat-hub,breaking-changes' },
	},
	'2.41.1': {
		nodes: [24],
		modules: ['sqlite3', 'isolated-vm'],
		env: {
			N8N_DISABLED_MODULES:
				'mcp-registry,instance-ai,chat-hub,insights,breaking-changes,agents,agent-evals',
		},
	},
};

/** The versions that can be installed, for help texts. */
export const KNOWN_VERSIONS = Object.keys(VERSIONS);

const runningMajor = Number(process.versions.node.split('.')[0]);

/** The newest n8n for the running Node. */
export function defaultVersion(): string {
	const fits = (name: string) => VERSIONS[name].nodes.includes(runningMajor);
	const newestFirst = [...KNOWN_VERSIONS].reverse();
	return newestFirst.find(fits) ?? newestFirst[0];
}

/** The folder of a Node that an n8n runs on: the running one where it fits. */
async function nodeFor({ nodes }: Version, log: string): Promise<string> {
	if (nodes.includes(runningMajor)) return dirname(dirname(process.execPath));
	if (!nodes.includes(Number(OTHER_NODE.split('.')[0]))) {
		throw new PlainError(`This n8n needs Node ${nodes.join(' or ')}; this is Node ${runningMajor}`);
	}
	const name = `node-${process.platform}-${process.arch}`;
	const folder = join(CACHE, `node-${OTHER_NODE}`);
	await complete(folder, async (partial) => {
		writeFileSync(join(partial, 'package.json'), JSON.stringify({ private: true }));
		const flags = ['--no-audit', '--no-fund'];
		await run('npm', ['install', `${name}@${OTHER_NODE}`, ...flags], { cwd: partial, log });
	});
	return join(folder, 'node_modules', name);
}

/** Fills a folder by `fill`, once; it has another name until it is complete. */
async function complete(folder: string, fill: (partial: string) => Promise<void>): Promise<void> {
	if (existsSync(folder)) return;
	const partial = `${folder}.partial`;
	rmSync(partial, { recursive: true, force: true });
	mkdirSync(partial, { recursive: true });
	await fill(partial);
	renameSync(partial, folder);
}

/** An n8n that can be started. */
export interface Installed {
	readonly version: string;
	/** The program to run it with. */
	readonly node: string;
	/** n8n's own program. */
	readonly bin: string;
	/** What it wants in its environment. */
	readonly env: Record<string, string>;
}

/** Installs n8n unless that was done before; takes some minutes and up to 3 GB. */
export async function installN8n(version: string, log: string): Promise<Installed> {
	if (!KNOWN_VERSIONS.includes(version)) {
		throw new PlainError(`n8n ${version} is unknown here; known are ${KNOWN_VERSIONS.join(', ')}`);
	}
	const known = VERSIONS[version];
	mkdirSync(CACHE, { recursive: true });
	const nodeFolder = await nodeFor(known, log);
	const node = join(nodeFolder, 'bin', 'node');
	const path = `${join(nodeFolder, 'bin')}${delimiter}${process.env.PATH}`;
	const npm = { log, env: { ...process.env, PATH: path, npm_config_nodedir: nodeFolder } };
	const folder = join(CACHE, `n8n-${version}`);
	await complete(folder, async (partial) => {
		print(`Installing n8n ${version}: this happens once, and takes some minutes`);
		const { overrides } = known;
		writeFileSync(join(partial, 'package.json'), JSON.stringify({ private: true, overrides }));
		const flags = ['--ignore-scripts', '--no-audit', '--no-fund'];
		await run('npm', ['install', `n8n@${version}`, ...flags], { ...npm, cwd: partial });
	});
	await compile(folder, known.modules, node, npm);
	const bin = join(folder, 'node_modules', 'n8n', 'bin', 'n8n');
	return { version, node, bin, env: { ...known.env, PATH: path } };
}

/** Compiles what has to be, for the Node that will run it: a module compiled for another one crashes. */
async function compile(
	folder: string,
	modules: readonly string[],
	node: string,
	npm: StartOptions,
): Promise<void> {
	const note = join(folder, 'compiled-for');
	const version = execFileSync(node, ['--version'], { encoding: 'utf8' });
	if (existsSync(note) && readFileSync(note, 'utf8') === version) return;
	const flags = ['--ignore-scripts=false', '--foreground-scripts'];
	await run('npm', ['rebuild', ...modules, ...flags], { ...npm, cwd: folder });
	writeFileSync(note, version);
}
