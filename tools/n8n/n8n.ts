// A real n8n on loopback: started, stopped, killed, started again.
/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals -- a tool: it runs in Node, never in n8n */
import { existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { serve } from '../simulator/http';
import type { Installed } from './install';
import { start, tailOf, type RunningProcess } from './processes';
import { Rest, until } from './rest';

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
export async function freePort(): Promise<number> {
	const { url, stop } = await serve(() => {});
	await stop();
	return Number(new URL(url).port);
}

interface N8nOptions {
	readonly install: Installed;
	/** For its database and files. */
	readonly folder: string;
	readonly port: number;
	/** Folder for its log. */
	readonly output: string;
	/** On top of the usual environment. */
	readonly env?: Record<string, string>;
	/** Of its log. */
	readonly name?: string;
}

/** A worker of queue mode. */
export interface Worker extends RunningProcess {
	/** Path of its log. */
	readonly log: string;
}

export class N8n {
	readonly folder: string;
	readonly port: number;
	readonly base: string;
	readonly log: string;
	readonly rest: Rest;
	#process: RunningProcess | undefined;
	readonly #install: Installed;
	readonly #env: Record<string, string>;

	constructor({ install, folder, port, output, env = {}, name = 'n8n' }: N8nOptions) {
		this.#install = install;
		this.#env = env;
		this.folder = folder;
		this.port = port;
		this.base = `http://127.0.0.1:${port}`;
		this.log = join(output, `${name}.log`);
		this.rest = new Rest(this.base);
		mkdirSync(folder, { recursive: true });
	}

	/** The environment of this n8n and of its workers. */
	async #environment(): Promise<NodeJS.ProcessEnv> {
		return {
			...process.env,
			...SILENT,
			...this.#install.env,
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
			...this.#env,
		};
	}

	/** Starts one of n8n's commands. */
	async #run(command: readonly string[], env: Record<string, string>, log: string) {
		return start(this.#install.node, [this.#install.bin, ...command], {
			cwd: this.folder,
			env: { ...(await this.#environment()), ...env },
			log,
		});
	}

	/** Starts n8n, waits until it is ready, and logs in. `env`: for this start only. */
	async start(env: Record<string, string> = {}): Promise<void> {
		const before = existsSync(this.log) ? statSync(this.log).size : 0;
		const started = await this.#run(['start'], env, this.log);
		this.#process = started;
		const said = (line: string) => readFileSync(this.log).subarray(before).includes(line);
		await until(
			async () => {
				if (started.hasExited()) throw new Error(`n8n ended at once:\n${tailOf(this.log)}`);
				// It answers sooner, but then still marks executions as crashed, new ones too
				return said('Editor is now accessible') && (await answers(`${this.base}/rest/settings`));
			},
			'n8n to be ready',
			READY_MS,
		);
		await this.rest.login();
	}

	/** Starts a worker of queue mode, and waits until it is ready. */
	async startWorker(name: string, env: Record<string, string>): Promise<Worker> {
		const port = String(await freePort());
		const log = join(dirname(this.log), `${name}.log`);
		const health = { QUEUE_HEALTH_CHECK_ACTIVE: 'true', QUEUE_HEALTH_CHECK_PORT: port };
		const worker = await this.#run(['worker', '--concurrency=5'], { ...health, ...env }, log);
		const url = `http://127.0.0.1:${port}/healthz/readiness`;
		await until(async () => await answers(url), `${name} to be ready`, READY_MS);
		return { ...worker, log };
	}

	/** Stops n8n as a service manager does. */
	async stop(): Promise<void> {
		await this.#process?.stop();
	}

	/** Kills n8n, as a power cut does. */
	async kill(): Promise<void> {
		await this.#process?.kill();
	}

	logText(): string {
		return readFileSync(this.log, 'utf8');
	}
}

async function answers(url: string): Promise<boolean> {
	try {
		return (await fetch(url)).ok;
	} catch {
		return false;
	}
}
