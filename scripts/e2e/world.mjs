// What the scenarios share: an n8n with the node in it, the simulator beside it, credentials, and a browser on demand.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { Simulator } from '../../tools/simulator/simulator.ts';
import { Editor } from './editor.mjs';
import { ROOT } from './install.mjs';
import { freePort, N8n } from './n8n.mjs';
import { installPackage } from './pack.mjs';
import { startModel } from './model.mjs';

export const API_KEY = 'test-key';

/** The names that the workflows in `examples` know the credentials by: those that n8n itself suggests. */
const CREDENTIAL = 'HappyHorse account';
const MODEL_CREDENTIAL = 'OpenAI account';

/** Real seconds from order to video. */
const SECONDS_PER_TASK = 2;

/** The Debian packages of the programs that scenarios need. */
const DEBIAN_PACKAGES = {
	chromium: 'chromium',
	'redis-server': 'redis-server',
	postgres: 'postgresql',
};

/** Debian keeps the programs of PostgreSQL out of the PATH. */
function programFolders() {
	const versions = '/usr/lib/postgresql';
	const postgres = existsSync(versions)
		? readdirSync(versions).map((version) => join(versions, version, 'bin'))
		: [];
	return [...process.env.PATH.split(delimiter), ...postgres];
}

/** The path of an installed program. Throws an error that names the missing package. */
export function requireProgram(program) {
	const path = programFolders()
		.map((folder) => join(folder, program))
		.find((file) => existsSync(file));
	if (path !== undefined) return path;
	throw new Error(
		`${program} is missing: install the Debian package ${DEBIAN_PACKAGES[program]} (apt-get install ${DEBIAN_PACKAGES[program]})`,
	);
}

/** The workflow of a file in `examples`. */
export function example(name) {
	return JSON.parse(readFileSync(join(ROOT, 'examples', `${name}.json`), 'utf8'));
}

/** All examples, by name. */
export function exampleNames() {
	return readdirSync(join(ROOT, 'examples'))
		.filter((file) => file.endsWith('.json'))
		.map((file) => file.slice(0, -'.json'.length));
}

/**
 * Starts everything.
 * @param install what `installN8n` returned
 * @param tarball of the package
 * @param folder for what may be deleted afterwards
 * @param output for what is to be kept
 */
export async function openWorld({ install, tarball, folder, output }) {
	const simulator = await Simulator.start({
		apiKey: API_KEY,
		secondsPerTask: SECONDS_PER_TASK,
		fetchSources: true,
		resolveHosts: { 'n8n.test': '127.0.0.1' },
	});
	const model = await startModel();
	const n8n = new N8n({ install, folder: join(folder, 'n8n'), port: await freePort(), output });
	await installPackage(tarball, n8n.folder, join(output, 'install.log'));
	let editor;
	const world = {
		install,
		tarball,
		folder,
		output,
		simulator,
		model,
		n8n,
		rest: n8n.rest,
		/** The node with the parameters `parameters`, as a workflow holds it. */
		horse: (name, parameters, more) => ({
			...horseNode(name, parameters),
			credentials: { happyHorseApi: world.credential },
			...more,
		}),
		/** The browser, logged in. */
		async openEditor() {
			editor ??= await Editor.open(n8n.base, requireProgram('chromium'));
			return editor;
		},
		async close() {
			await editor?.close();
			await n8n.stop();
			model.close();
			await simulator.stop();
		},
	};
	try {
		await n8n.start();
		world.credential = await createCredentials(n8n.rest, simulator, model);
	} catch (error) {
		await world.close();
		throw error;
	}
	return world;
}

/** Makes both credentials. Returns `{ id, name }` of the node's. */
export async function createCredentials(rest, simulator, model) {
	const { id } = await rest.createCredential(CREDENTIAL, 'happyHorseApi', {
		apiKey: API_KEY,
		baseUrl: simulator.baseUrl,
	});
	await rest.createCredential(MODEL_CREDENTIAL, 'openAiApi', {
		apiKey: 'none',
		url: model.url,
	});
	return { id, name: CREDENTIAL };
}

function horseNode(name, parameters) {
	return {
		id: name,
		name,
		type: 'n8n-nodes-happyhorse.happyHorse',
		typeVersion: 1,
		position: [220, 0],
		parameters,
	};
}

/** A node of n8n's own. */
export function baseNode(name, type, typeVersion, parameters = {}, more = {}) {
	const fullType = type.includes('.') ? type : `n8n-nodes-base.${type}`;
	return { id: name, name, type: fullType, typeVersion, position: [0, 0], parameters, ...more };
}

/** A workflow of a trigger "Start" and the given nodes, one after the other. */
export function chain(name, ...nodes) {
	const all = [baseNode('Start', 'manualTrigger', 1), ...nodes].map((node, index) => ({
		...node,
		position: [220 * index, 0],
	}));
	const connections = Object.fromEntries(
		all
			.slice(1)
			.map((node, index) => [
				all[index].name,
				{ main: [[{ node: node.name, type: 'main', index: 0 }]] },
			]),
	);
	return { name, nodes: all, connections };
}
