// n8n of a given version with a Node that fits, installed once into the ignored folder .cache.
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from './processes.mjs';

/** The top folder of the repository. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

const CACHE = join(ROOT, '.cache');

/** Node for the versions of n8n that the running one is too old or too new for; from npm, as everything here. */
const OTHER_NODE = '24.21.0';

/** Older versions of n8n name an xlsx that lies outside of the npm registry. */
const XLSX = { xlsx: '0.18.5' };

/**
 * The versions of n8n that are known to work here. `nodes`: majors of Node that it runs on. `modules`: what has to be
 * compiled, since install scripts are off: some fetch files from elsewhere. `env`: on top of what all have.
 */
const VERSIONS = {
	// The last of 1.x. Its isolated-vm does not compile for Node 20, and the old expressions do without it
	'1.123.81': {
		nodes: [20, 22],
		modules: ['sqlite3'],
		overrides: XLSX,
		env: { N8N_EXPRESSION_ENGINE: 'legacy', N8N_DISABLED_MODULES: '' },
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

const runningMajor = Number(process.versions.node.split('.')[0]);

/** The newest n8n for the running Node. */
export function defaultVersion() {
	const fitting = Object.keys(VERSIONS).filter((name) =>
		VERSIONS[name].nodes.includes(runningMajor),
	);
	return fitting.at(-1) ?? Object.keys(VERSIONS).at(-1);
}

/** The folder of a Node that an n8n runs on: the running one where it fits. */
async function nodeFor({ nodes }, log) {
	if (nodes.includes(runningMajor)) return dirname(dirname(process.execPath));
	if (!nodes.includes(Number(OTHER_NODE.split('.')[0]))) {
		throw new Error(`This n8n needs Node ${nodes.join(' or ')}; this is Node ${runningMajor}`);
	}
	const name = `node-${process.platform}-${process.arch}`;
	const folder = join(CACHE, `node-${OTHER_NODE}`);
	await complete(folder, async (partial) => {
		writeFileSync(join(partial, 'package.json'), JSON.stringify({ private: true }));
		await run('npm', ['install', `${name}@${OTHER_NODE}`, '--no-audit', '--no-fund'], {
			cwd: partial,
			log,
		});
	});
	return join(folder, 'node_modules', name);
}

/** Fills a folder by `fill`, once; it has another name until it is complete. */
async function complete(folder, fill) {
	if (existsSync(folder)) return;
	const partial = `${folder}.partial`;
	rmSync(partial, { recursive: true, force: true });
	mkdirSync(partial, { recursive: true });
	await fill(partial);
	renameSync(partial, folder);
}

/**
 * Installs n8n unless that was done before; takes some minutes and up to 3 GB.
 * @returns {Promise<{ version: string, node: string, bin: string, env: Record<string, string>, modules: string }>}
 * `node`: the program to run it with, `bin`: n8n's own program, `env`: what it wants in its environment, `modules`: the
 * folder that it lies in.
 */
export async function installN8n(version, log) {
	const known = VERSIONS[version];
	if (known === undefined) {
		throw new Error(
			`n8n ${version} is unknown here; known are ${Object.keys(VERSIONS).join(', ')}`,
		);
	}
	mkdirSync(CACHE, { recursive: true });
	const nodeFolder = await nodeFor(known, log);
	const node = join(nodeFolder, 'bin', 'node');
	const path = `${join(nodeFolder, 'bin')}${delimiter}${process.env.PATH}`;
	const npm = { log, env: { ...process.env, PATH: path, npm_config_nodedir: nodeFolder } };
	const folder = join(CACHE, `n8n-${version}`);
	await complete(folder, async (partial) => {
		console.log(`Installing n8n ${version}: this happens once, and takes some minutes`);
		const { overrides } = known;
		writeFileSync(join(partial, 'package.json'), JSON.stringify({ private: true, overrides }));
		const flags = ['--ignore-scripts', '--no-audit', '--no-fund'];
		await run('npm', ['install', `n8n@${version}`, ...flags], { ...npm, cwd: partial });
	});
	await compile(folder, known.modules, node, npm);
	const modules = join(folder, 'node_modules');
	const bin = join(modules, 'n8n', 'bin', 'n8n');
	return { version, node, bin, modules, env: { ...known.env, PATH: path } };
}

/** Compiles what has to be, for the Node that will run it: a module compiled for another one crashes. */
async function compile(folder, modules, node, npm) {
	const note = join(folder, 'compiled-for');
	if (existsSync(note) && readFileSync(note, 'utf8') === node) return;
	const flags = ['--ignore-scripts=false', '--foreground-scripts'];
	await run('npm', ['rebuild', ...modules, ...flags], { ...npm, cwd: folder });
	writeFileSync(note, node);
}
