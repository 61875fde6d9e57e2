// The API that n8n's editor uses, as far as the scenarios need it; the same in n8n 1.123 to 2.41.
import { setTimeout as pause } from 'node:timers/promises';

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

export class Rest {
	#cookie = '';

	constructor(base) {
		this.base = base;
	}

	/** What a request of the logged-in owner carries. */
	get headers() {
		return { 'browser-id': 'e2e', 'push-ref': 'e2e', cookie: this.#cookie };
	}

	/** One request; resolves to the `data` of the answer. An answer of 400 or more is an error. */
	async send(method, path, body) {
		const response = await fetch(`${this.base}/rest${path}`, {
			method,
			headers: { 'content-type': 'application/json', ...this.headers },
			body: body && JSON.stringify(body),
		});
		const session = response.headers
			.getSetCookie()
			.find((cookie) => cookie.startsWith('n8n-auth='));
		if (session) this.#cookie = session.split(';')[0];
		const text = await response.text();
		if (!response.ok) {
			throw new Error(`${method} ${path} was answered ${response.status}: ${text.slice(0, 500)}`);
		}
		return text === '' ? undefined : JSON.parse(text).data;
	}

	/** Makes the owner of a fresh n8n, or logs in. */
	async login() {
		const { userManagement } = await this.send('GET', '/settings');
		if (userManagement.showSetupOnFirstLoad) return await this.send('POST', '/owner/setup', OWNER);
		const { email, password } = OWNER;
		return await this.send('POST', '/login', { emailOrLdapLoginId: email, password });
	}

	async createCredential(name, type, data) {
		return await this.send('POST', '/credentials', { name, type, data });
	}

	/** Saves a credential, tests it as its panel does, and deletes it: `{ status: 'OK' | 'Error', message }`. */
	async testCredential(type, data) {
		const { id, name } = await this.createCredential('To be tested', type, data);
		const credentials = { id, name, type, data };
		const answer = await this.send('POST', '/credentials/test', { credentials });
		await this.send('DELETE', `/credentials/${id}`);
		return answer;
	}

	/** Saves a workflow as the editor does. */
	async createWorkflow({ name, nodes, connections, settings, pinData }) {
		await this.#findCredentials(nodes);
		const saved = { name, nodes, connections, pinData, active: false };
		const all = { executionOrder: 'v1', ...settings };
		return await this.send('POST', '/workflows', { ...saved, settings: all });
	}

	/** Gives credentials that are only named their ids, as the editor does when a workflow is imported. */
	async #findCredentials(nodes) {
		const known = await this.send('GET', '/credentials');
		for (const { credentials = {} } of nodes) {
			for (const [type, named] of Object.entries(credentials)) {
				const found = known.find((one) => one.type === type && one.name === named.name);
				named.id ??= found?.id;
			}
		}
	}

	/** Runs a saved workflow from the editor, from a trigger. Returns the id of the execution. */
	async run(workflow, trigger) {
		const { executionId } = await this.send('POST', `/workflows/${workflow.id}/run`, {
			workflowData: workflow,
			triggerToStartFrom: { name: trigger },
		});
		return executionId;
	}

	/** Saves a workflow, runs it to its end, and returns the execution. */
	async runToEnd(workflow, trigger = 'Start', ms = undefined) {
		const saved = await this.createWorkflow(workflow);
		return await this.ended(await this.run(saved, trigger), ms);
	}

	/** Activates (publishes) a workflow; from 2.x on, its webhooks come a little later. */
	async activate({ id, versionId }) {
		try {
			await this.send('POST', `/workflows/${id}/activate`, { versionId });
		} catch (error) {
			if (!error.message.includes('404')) throw error;
			// n8n 1.x
			await this.send('PATCH', `/workflows/${id}`, { active: true, versionId });
		}
	}

	/** Makes a data table of text columns. Returns its id. */
	async createTable(name, columns) {
		const { id: project } = await this.send('GET', '/projects/personal');
		const typed = columns.map((column) => ({ name: column, type: 'string' }));
		const table = { name, columns: typed };
		return (await this.send('POST', `/projects/${project}/data-tables`, table)).id;
	}

	async stop(executionId) {
		return await this.send('POST', `/executions/${executionId}/stop`);
	}

	/** "Retry" of the list of executions. Returns the id of the new one. */
	async retry(executionId, { loadWorkflow = false } = {}) {
		return (await this.send('POST', `/executions/${executionId}/retry`, { loadWorkflow })).id;
	}

	/** An execution with its data: `data.resultData.runData` by node. */
	async execution(id) {
		const execution = await this.send('GET', `/executions/${id}`);
		const { data } = execution;
		return { ...execution, data: typeof data === 'string' ? unflatten(data) : data };
	}

	async executions() {
		return (await this.send('GET', '/executions?limit=100')).results;
	}

	/** Waits for the end of an execution, and returns it. */
	async ended(id, ms = 60_000) {
		return await until(
			async () => {
				const execution = await this.execution(id);
				// The status may be there a moment before the data
				const isOver = !UNFINISHED.includes(execution.status) && execution.data !== undefined;
				return isOver ? execution : undefined;
			},
			`the end of execution ${id}`,
			ms,
		);
	}

	/** The bytes of a file of an execution. */
	async file({ id, mimeType, data }) {
		// Where n8n keeps files in memory, the content stands in the item
		if (id === undefined) return Buffer.from(data, 'base64');
		const query = new URLSearchParams({ id, action: 'view', mimeType });
		const response = await fetch(`${this.base}/rest/binary-data?${query}`, {
			headers: this.headers,
		});
		if (!response.ok) throw new Error(`File ${id} was answered ${response.status}`);
		return Buffer.from(await response.arrayBuffer());
	}
}

/** Asks again and again until the answer is neither undefined nor false, and returns it. */
export async function until(ask, what, ms = 30_000) {
	const end = Date.now() + ms;
	for (;;) {
		const answer = await ask();
		if (answer !== undefined && answer !== false) return answer;
		if (Date.now() > end) throw new Error(`Waited ${ms / 1000} s in vain for ${what}`);
		await pause(LOOK_MS);
	}
}

/** Execution data comes in the format of the package "flatted": one list, in which strings are places in it. */
function unflatten(text) {
	const list = JSON.parse(text);
	const done = new Map();
	const valueAt = (index) => {
		const value = list[index];
		if (value === null || typeof value !== 'object') return value;
		if (done.has(index)) return done.get(index);
		const copy = Array.isArray(value) ? [] : {};
		done.set(index, copy);
		for (const [key, entry] of Object.entries(value)) {
			copy[key] = typeof entry === 'string' ? valueAt(Number(entry)) : entry;
		}
		return copy;
	};
	return valueAt(0);
}

/** What a node put out in an execution: the items of an output (default the first), of its last run. */
export function itemsOf(execution, node, output = 0) {
	const runs = execution.data.resultData.runData[node];
	return runs?.at(-1)?.data?.main?.[output] ?? [];
}

/** The error that an execution ended with. */
export function errorOf(execution) {
	return execution.data.resultData.error;
}
