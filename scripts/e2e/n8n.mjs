// A real n8n on loopback: started, stopped, killed, started again.
import { mkdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { start } from './processes.mjs';
import { Rest, until } from './rest.mjs';

/** Ms until a started n8n must be ready. */
const READY_MS = 120_000;

/** Keeps n8n from calling anybody: telemetry, version checks, templates, licences, lists of packages. */
const SILENT = {
	N8N_DIAGNOSTICS_ENABLED: 'false',
	N8N_DIAGNOSTICS_CONFIG_FRONTEND: '',
	N8N_DIAGNOSTICS_CONFIG_BACKEND: '',
	N8N_VERSION_NOTIFICATIONS_ENABLED: 'false',
	N8N_VERSION_NOTIFICATIONS_WHATS_NEW_ENABLED: 'false',
	N8N_TEMPLATES_ENABLED: 'false',
	N8N_PERSONALIZATION_ENABLED: 'false',
	N8N_HIRING_BANNER_ENABLED: 'false',
	N8N_DYNAMIC_BANNERS_ENABLED: 'false',
	EXTERNAL_FRONTEND_HOOKS_URLS: '',
	N8N_LICENSE_AUTO_RENEW_ENABLED: 'false',
	N8N_AI_ENABLED: 'false',
	N8N_AI_GATEWAY_ENABLED: 'false',
	N8N_VERIFIED_PACKAGES_ENABLED: 'false',
	N8N_UNVERIFIED_PACKAGES_ENABLED: 'true',
	N8N_PYTHON_ENABLED: 'false',
};

/** A port on loopback that nobody listens on. */
export async function freePort() {
	const server = createServer();
	await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
	const { port } = server.address();
	await new Promise((resolve) => server.close(resolve));
	return port;
}

export class N8n {
	#process;

	/**
	 * @param install what `installN8n` returned
	 * @param folder for its database and files
	 * @param output folder for its log
	 * @param env on top of the usual environment
	 * @param name of its log
	 */
	constructor({ install, folder, port, output, env = {}, name = 'n8n' }) {
		this.install = install;
		this.folder = folder;
		this.env = env;
		this.base = `http://127.0.0.1:${port}`;
		this.port = port;
		this.log = join(output, `${name}.log`);
		this.rest = new Rest(this.base);
		mkdirSync(folder, { recursive: true });
	}

	/** The environment of this n8n, for its other commands too. */
	async environment() {
		return {
			...process.env,
			...SILENT,
			...this.install.env,
			N8N_USER_FOLDER: this.folder,
			N8N_ENCRYPTION_KEY: 'only-for-tests',
			N8N_ENFORCE_SETTINGS_FILE_PERMISSIONS: 'false',
			N8N_HOST: '127.0.0.1',
			N8N_LISTEN_ADDRESS: '127.0.0.1',
			N8N_PORT: String(this.port),
			N8N_EDITOR_BASE_URL: this.base,
			WEBHOOK_URL: `${this.base}/`,
			N8N_SECURE_COOKIE: 'false',
			N8N_RUNNERS_BROKER_PORT: String(await freePort()),
			NO_COLOR: '1',
			...this.env,
		};
	}

	/** Starts n8n, waits until it is ready, and logs in. `env`: for this start only. */
	async start(env = {}) {
		this.#process = start(this.install.node, [this.install.bin, 'start'], {
			cwd: this.folder,
			env: { ...(await this.environment()), ...env },
			log: this.log,
		});
		await until(
			async () => {
				if (this.#process.hasExited()) throw new Error(`n8n ended at once:\n${this.logTail()}`);
				return (await answers(`${this.base}/healthz/readiness`)) && (await this.#isServing());
			},
			'n8n to be ready',
			READY_MS,
		);
		await this.rest.login();
	}

	/** The editor's API answers a little later than the health check. */
	async #isServing() {
		return await answers(`${this.base}/rest/settings`);
	}

	/**
	 * Starts a worker of queue mode, and waits until it is ready.
	 * @returns its process, with the path of its `log`
	 */
	async startWorker(name, env) {
		const healthPort = await freePort();
		const log = join(dirname(this.log), `${name}.log`);
		const worker = start(this.install.node, [this.install.bin, 'worker', '--concurrency=5'], {
			cwd: this.folder,
			env: {
				...(await this.environment()),
				QUEUE_HEALTH_CHECK_ACTIVE: 'true',
				QUEUE_HEALTH_CHECK_PORT: String(healthPort),
				...env,
			},
			log,
		});
		const health = `http://127.0.0.1:${healthPort}/healthz/readiness`;
		await until(async () => await answers(health), `${name} to be ready`, READY_MS);
		return { ...worker, log };
	}

	/** Stops n8n as a service manager does. */
	async stop() {
		await this.#process?.stop();
	}

	/** Kills n8n, as a power cut does. */
	async kill() {
		await this.#process.kill();
	}

	logText() {
		return readFileSync(this.log, 'utf8');
	}

	logTail() {
		return this.logText().trim().split('\n').slice(-15).join('\n');
	}
}

async function answers(url) {
	try {
		return (await fetch(url)).ok;
	} catch {
		return false;
	}
}
