// n8n-core in this process: set up once for the process or test file, used by every engine in it, and closed at the end.
/* eslint-disable @n8n/community-nodes/no-restricted-imports -- a test tool: it runs in Node, never in n8n */
import { setBinaryMode, type BinaryMode } from './environment';
import 'reflect-metadata';
import { createRequire } from 'node:module';
import { Container } from '@n8n/di';
import {
	BinaryDataConfig,
	BinaryDataService,
	DataDeduplicationService,
	ErrorReporter,
	InstanceSettings,
} from 'n8n-core';
import type { Logger as NodeLogger } from 'n8n-workflow';
import { InMemoryDeduplication } from './deduplication';
import { captureLogs } from './logs';

// n8n-core brings its own copies of n8n's other packages, and does not export everything that is needed here
const requireInCore = createRequire(require.resolve('n8n-core'));

const { Logger } = requireInCore('@n8n/backend-common') as { Logger: new () => NodeLogger };
const { SSHClientsManager } = requireInCore('./execution-engine/ssh-clients-manager') as {
	SSHClientsManager: new () => { onShutdown(): void };
};

/** The version of n8n-core, such as `2.8.1`. */
export const engineVersion = String(requireInCore('../package.json').version);

/** n8n's deduplication store. */
export const deduplication = new InMemoryDeduplication();

let ready: Promise<void> | undefined;

async function setUp(): Promise<void> {
	captureLogs(Container.get(Logger));
	Container.get(ErrorReporter).error = () => {};
	Container.get(InstanceSettings);
	await Container.get(BinaryDataService).init();
	await DataDeduplicationService.init(deduplication);
}

/**
 * Sets n8n-core up, if that has not happened yet.
 * @param binaryMode throws if n8n-core was set up with another one
 */
export async function setUpCore(binaryMode?: BinaryMode): Promise<void> {
	if (binaryMode && !ready) setBinaryMode(binaryMode);
	await (ready ??= setUp());
	const { mode } = Container.get(BinaryDataConfig);
	if (binaryMode && binaryMode !== mode) throw new Error(`The binary mode is "${mode}" by now`);
}

/** Closes what would keep the process alive: the timer of n8n-core's SSH connections, which starts with the first run. */
export function closeCore(): void {
	Container.get(SSHClientsManager).onShutdown();
}
