// The API that n8n's editor uses, as far as the scenarios need it; the same in n8n 1.123 to 2.41.
/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/require-node-api-error -- a tool: it runs in Node, never in n8n */
import { setTimeout as pause } from 'node:timers/promises';
import { parse } from 'flatted';
import { z } from 'zod';
import {
	idShape,
	savedShape,
	type Execution,
	type SavedWorkflow,
	type StoredFile,
	type Workflow,
} from './workflow';

/** The owner of an n8n that is started here. */
export const OWNER = {
	email: 'owner@example.com',
	password: 'Passw0rd1',
	firstName: 'Happy',
	lastName: 'Horse',
};

const UNFINISHED = ['new', 'running', 'waiting'];

/** Ms between two looks at something that is waited for. */
const LOOK_MS = 100;

const withId = z.object({ id: idShape });
const settingsShape = z.object({ userManagement: z.object({ showSetupOnFirstLoad: z.boolean() }) });
const credentialShape = z.object({ id: idShape, name: z.string(), type: z.string() });
const testShape = z.object({ status: z.enum(['OK', 'Error']), message: z.string() });
const startedShape = z.object({ executionId: idShape });
const statusShape = z.object({ id: idShape, status: z.string() });
const executionShape = statusShape.extend({
	/** In the format of the package "flatted" where it comes as a text. */
	data: z.unknown().transform((data): unknown => (typeof data === 'string' ? parse(data) : data)),
	/** What the execution is shown with, by key. */
	customData: z.record(z.string()).nullish(),
});

/** A saved credential, as a node names it. */
export type Credential = z.infer<typeof credentialShape>;

export class Rest {
	#cookie = '';

	constructor(private readonly base: string) {}

	/** What a request of the logged-in owner carries. */
	get headers() {
		return { 'browser-id': 'e2e', 'push-ref': 'e2e', cookie: this.#cookie };
	}

	/** One request; resolves to the `data` of the answer. An answer of 400 or more is an error. */
	async #send(method: string, path: string, body?: object): Promise<unknown> {
		const response = await fetch(`${this.base}/rest${path}`, {
			method,
			headers: { 'content-type': 'application/json', ...this.headers },
			body: body && JSON.stringify(body),
		});
		const session = response.headers
			.getSetCookie()
			.find((cookie) => cookie.startsWith('n8n-auth='));
		if (session) [this.#cookie] = session.split(';');
		const text = await response.text();
		if (!response.ok) {
			throw new Error(`${method} ${path} was answered ${response.status}: ${text.slice(0, 500)}`);
		}
		return text === '' ? undefined : z.object({ data: z.unknown() }).parse(JSON.parse(text)).data;
	}

	/** Makes the owner of a fresh n8n, or logs in. */
	async login(): Promise<void> {
		const { userManagement } = settingsShape.parse(await this.#send('GET', '/settings'));
		const { email, password } = OWNER;
		if (userManagement.showSetupOnFirstLoad) await this.#send('POST', '/owner/setup', OWNER);
		else await this.#send('POST', '/login', { emailOrLdapLoginId: email, password });
	}

	async createCredential(name: string, type: string, data: object) {
		return credentialShape.parse(await this.#send('POST', '/credentials', { name, type, data }));
	}

	/** Saves other fields in a credential. */
	async changeCredential({ id, ...more }: Credential, data: object): Promise<void> {
		await this.#send('PATCH', `/credentials/${id}`, { ...more, data });
	}

	/** Tests a credential with these fields as its panel does. */
	async testCredential(credential: Credential, data: object) {
		const credentials = { ...credential, data };
		return testShape.parse(await this.#send('POST', '/credentials/test', { credentials }));
	}

	async hasWorkflows(): Promise<boolean> {
		return z.array(z.unknown()).parse(await this.#send('GET', '/workflows')).length > 0;
	}

	/** Saves a workflow as the editor does. */
	async createWorkflow({ nodes, settings, ...more }: Workflow): Promise<SavedWorkflow> {
		await this.#findCredentials(nodes);
		const all = { executionOrder: 'v1', ...settings };
		// n8n 2.41 can't run a part of a workflow without pinData
		const workflow = { pinData: {}, ...more, nodes, settings: all, active: false };
		return savedShape.parse(await this.#send('POST', '/workflows', workflow));
	}

	/** Saves other nodes and connections in a workflow. */
	async changeWorkflow(
		{ id, versionId }: SavedWorkflow,
		{ nodes, connections }: Workflow,
	): Promise<SavedWorkflow> {
		const changed = { versionId, nodes, connections };
		return savedShape.parse(await this.#send('PATCH', `/workflows/${id}`, changed));
	}

	/** Gives credentials that are only named their ids, as the editor does when a workflow is imported. */
	async #findCredentials(nodes: Workflow['nodes']): Promise<void> {
		const known = z.array(credentialShape).parse(await this.#send('GET', '/credentials'));
		for (const { credentials = {} } of nodes) {
			for (const [type, named] of Object.entries(credentials)) {
				const found = known.find((one) => one.type === type && one.name === named.name);
				named.id ??= found?.id;
			}
		}
	}

	/** Runs a saved workflow from the editor, from a trigger. Returns the id of the execution. */
	async run(workflow: SavedWorkflow, trigger: string): Promise<string> {
		return startedShape.parse(await this.listen(workflow, trigger)).executionId;
	}

	/** The same with a trigger that then waits for its test URL to be called. */
	async listen(workflow: SavedWorkflow, trigger: string): Promise<unknown> {
		const triggerToStartFrom = { name: trigger };
		const body = { workflowData: workflow, triggerToStartFrom };
		return await this.#send('POST', `/workflows/${workflow.id}/run`, body);
	}

	/** Saves a workflow, runs it to its end, and returns the execution. */
	async runToEnd(workflow: Workflow, trigger = 'Start'): Promise<Execution> {
		const saved = await this.createWorkflow(workflow);
		return await this.ended(await this.run(saved, trigger));
	}

	/** Activates (publishes) a workflow; from 2.x on, its webhooks come a little later. */
	async activate({ id, versionId }: SavedWorkflow): Promise<void> {
		try {
			await this.#send('POST', `/workflows/${id}/activate`, { versionId });
		} catch (error) {
			if (!(error instanceof Error && error.message.includes('404'))) throw error;
			// n8n 1.x
			await this.#send('PATCH', `/workflows/${id}`, { active: true, versionId });
		}
	}

	/** Makes a data table of text columns. Returns its id. */
	async createTable(name: string, columns: readonly string[]): Promise<string> {
		const project = withId.parse(await this.#send('GET', '/projects/personal'));
		const typed = columns.map((column) => ({ name: column, type: 'string' }));
		const table = { name, columns: typed };
		return withId.parse(await this.#send('POST', `/projects/${project.id}/data-tables`, table)).id;
	}

	async stop(executionId: string): Promise<void> {
		await this.#send('POST', `/executions/${executionId}/stop`);
	}

	/** "Retry" of the list of executions. Returns the id of the new one. */
	async retry(executionId: string, { loadWorkflow = false } = {}): Promise<string> {
		const retried = await this.#send('POST', `/executions/${executionId}/retry`, { loadWorkflow });
		return withId.parse(retried).id;
	}

	/** An execution with its data. */
	async execution(id: string): Promise<Execution> {
		return executionShape.parse(await this.#send('GET', `/executions/${id}`));
	}

	/** The newest first: n8n puts those that run on top, in no order. */
	async executions() {
		const list = await this.#send('GET', '/executions?limit=100');
		const { results } = z.object({ results: z.array(statusShape) }).parse(list);
		return results.sort((one, other) => Number(other.id) - Number(one.id));
	}

	/** Waits for the end of an execution, and returns it. */
	async ended(id: string, ms = 60_000): Promise<Execution> {
		const whole = async () => {
			const execution = await this.execution(id);
			// The status may be there a moment before the data
			const isOver = !UNFINISHED.includes(execution.status) && execution.data !== undefined;
			return isOver && execution;
		};
		return await until(whole, `the end of execution ${id}`, ms);
	}

	/** The bytes of a file of an execution. */
	async file({ id, mimeType, data }: StoredFile): Promise<Buffer> {
		// Where n8n keeps files in memory, the content stands in the item
		if (id === undefined) return Buffer.from(data, 'base64');
		const query = new URLSearchParams({ id, action: 'view', mimeType });
		const { base, headers } = this;
		const response = await fetch(`${base}/rest/binary-data?${query}`, { headers });
		if (!response.ok) throw new Error(`File ${id} was answered ${response.status}`);
		return Buffer.from(await response.arrayBuffer());
	}
}

/** Looks again and again until what it sees is neither undefined nor false, and returns it. */
export async function until<T>(
	look: () => Promise<T | undefined | false> | T | undefined | false,
	what: string,
	ms = 30_000,
): Promise<T> {
	const end = Date.now() + ms;
	for (;;) {
		const seen = await look();
		if (seen !== undefined && seen !== false) return seen;
		if (Date.now() > end) throw new Error(`Waited ${ms / 1000} s in vain for ${what}`);
		await pause(LOOK_MS);
	}
}
