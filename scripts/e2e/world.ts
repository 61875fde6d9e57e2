// What the scenarios share: an n8n with the node in it, the simulator beside it, credentials, and a browser on demand.
/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/require-node-api-error -- a script: it runs in Node, never in n8n */
import { join } from 'node:path';
import { addPackage } from '../../tools/n8n/addPackage';
import { API_KEY, createCredentials, createModelStudioCredential } from '../../tools/n8n/furnish';
import type { Installed } from '../../tools/n8n/install';
import { startModel } from '../../tools/n8n/model';
import { freePort, N8n } from '../../tools/n8n/n8n';
import type { Workflow, WorkflowNode } from '../../tools/n8n/workflow';
import { Simulator } from '../../tools/simulator/simulator';
import { Editor } from './editor';
import { requireProgram, type Program } from './programs';

/** One scenario, by its name on the command line. */
export interface Scenario {
	readonly name: string;
	readonly needs?: readonly Program[];
	/** One after the other, each with fresh simulators. */
	readonly checks: readonly Check[];
}

export type Check = (this: void, world: World) => Promise<void>;

/** Where everything comes from and goes to. */
interface Places {
	readonly install: Installed;
	/** The package, packed. */
	readonly tarball: string;
	/** For what may be deleted afterwards. */
	readonly folder: string;
	/** For what is to be kept: logs and screenshots. */
	readonly output: string;
	readonly storm: StormOptions;
}

export const STORM_MODES = ['main', 'queue'] as const;

/** How the kill storm is run, and in which mode the crowd. */
export interface StormOptions {
	readonly seed: string;
	readonly rounds: number;
	readonly mode: (typeof STORM_MODES)[number];
}

export type World = Awaited<ReturnType<typeof openWorld>>;

const GOOGLE = { clientId: 'none', clientSecret: 'none' };

/** Credentials of n8n's own nodes in the examples, by type: an import goes by their names. */
const OTHER_CREDENTIALS: Record<string, [name: string, data: object]> = {
	googleSheetsOAuth2Api: ['Google Sheets account', GOOGLE],
	googleDriveOAuth2Api: ['Google Drive account', GOOGLE],
	smtp: ['SMTP account', { host: '127.0.0.1' }],
};

/** Starts n8n, the simulators and the model, and makes the credentials. */
export async function openWorld(places: Places) {
	const { install, tarball, folder, output } = places;
	const timed = { apiKey: API_KEY, secondsPerTask: 2 };
	const resolveHosts = { 'n8n.example.com': '127.0.0.1' };
	const simulator = await Simulator.start({ ...timed, fetchSources: true, resolveHosts });
	const modelStudio = await Simulator.start({ ...timed, service: 'modelStudio' });
	const model = await startModel();
	const n8n = new N8n({ install, folder: join(folder, 'n8n'), port: await freePort(), output });
	let editor: Editor | undefined;
	const close = async () => {
		await editor?.close();
		await n8n.stop();
		await model.stop();
		await simulator.stop();
		await modelStudio.stop();
	};
	try {
		await addPackage(tarball, n8n.folder, join(output, 'install.log'));
		await n8n.start();
		const { rest } = n8n;
		const credential = await createCredentials(rest, simulator, model);
		const modelStudioCredential = await createModelStudioCredential(rest, modelStudio);
		for (const [type, [name, data]] of Object.entries(OTHER_CREDENTIALS))
			await rest.createCredential(name, type, data);
		/** The browser, logged in. */
		const openEditor = async () =>
			(editor ??= await Editor.open(n8n.base, output, requireProgram('chromium')));
		/** Saves a workflow and opens it in the editor, with the panel of `node` if one is given. */
		const inEditor = async (workflow: Workflow, node?: string) => {
			const opened = await openEditor();
			const saved = await rest.createWorkflow(workflow);
			await opened.openWorkflow(saved.id);
			if (node !== undefined) await opened.openNode(node);
			return { editor: opened, saved };
		};
		/** The node, as a workflow holds it. */
		const horse = (
			name: string,
			parameters: Record<string, unknown>,
			more?: Partial<WorkflowNode>,
		): WorkflowNode => ({
			id: name,
			name,
			type: 'n8n-nodes-happyhorse.happyHorse',
			typeVersion: 1,
			position: [220, 0],
			parameters,
			credentials: { happyHorseApi: credential },
			...more,
		});
		return {
			...places,
			simulator,
			modelStudio,
			model,
			n8n,
			rest,
			credential,
			modelStudioCredential,
			horse,
			openEditor,
			inEditor,
			close,
		};
	} catch (error) {
		await close();
		throw error;
	}
}
