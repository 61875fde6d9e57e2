// The environment variables that n8n-core reads when it is loaded: import this file before n8n-core.
/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals -- a test tool: it runs in Node, never in n8n */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Where n8n keeps binary data: on disk, or (`default`) as base64 inside the items. */
export type BinaryMode = 'filesystem' | 'default';

const BINARY_MODE = 'N8N_DEFAULT_BINARY_DATA_MODE';

/** n8n's folder (settings, binary data): one for each process or test file, deleted at its end. */
const userFolder = mkdtempSync(join(tmpdir(), 'n8n-engine-'));
const deleteFolder = () => rmSync(userFolder, { recursive: true, force: true });

// Jest's test environment never emits `exit`
if (typeof afterAll === 'function') afterAll(deleteFolder);
else process.once('exit', deleteFolder);

// Settings of an n8n on the same machine must not leak in
for (const name of Object.keys(process.env)) {
	if (name.startsWith('N8N_') && name !== BINARY_MODE) delete process.env[name];
}
process.env.N8N_USER_FOLDER = userFolder;
process.env.N8N_ENCRYPTION_KEY = 'only-for-tests';
process.env.N8N_LOG_LEVEL = 'silent';
process.env[BINARY_MODE] ??= 'filesystem';
// The simulator is on loopback: no proxy leads there
process.env.NO_PROXY = [process.env.NO_PROXY, '127.0.0.1', 'localhost'].filter(Boolean).join(',');

/** Chooses the binary mode. Has no effect once n8n-core is set up. */
export function setBinaryMode(mode: BinaryMode): void {
	process.env[BINARY_MODE] = mode;
}
