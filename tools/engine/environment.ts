// What n8n-core reads from the process's environment: set here, so import this file before n8n-core.
/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals -- a test tool: it runs in Node, never in n8n */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Where the engine stores binary data: on disk, or (`default`) as base64 inside the items. */
export type BinaryMode = 'filesystem' | 'default';

const BINARY_MODE = 'N8N_DEFAULT_BINARY_DATA_MODE';

/** The engine's own folder (settings, binary data): new for every process or test file, and deleted at its end. */
const userFolder = mkdtempSync(join(tmpdir(), 'n8n-engine-'));
const deleteFolder = () => rmSync(userFolder, { recursive: true, force: true });

// A process inside of jest never sees its own end
if (typeof afterAll === 'function') afterAll(deleteFolder);
else process.once('exit', deleteFolder);

// The settings of an n8n that lives on the same machine must not leak in
for (const name of Object.keys(process.env)) {
	if (name.startsWith('N8N_') && name !== BINARY_MODE) delete process.env[name];
}
process.env.N8N_USER_FOLDER = userFolder;
process.env.N8N_ENCRYPTION_KEY = 'only-for-tests';
process.env.N8N_LOG_LEVEL = 'silent';
process.env[BINARY_MODE] ??= 'filesystem';
// The simulator lives on loopback, also where the rest of the world is behind a proxy
process.env.NO_PROXY = [process.env.NO_PROXY, '127.0.0.1', 'localhost'].filter(Boolean).join(',');

/** Chooses the binary mode; good until n8n-core's binary data service is made. */
export function setBinaryMode(mode: BinaryMode): void {
	process.env[BINARY_MODE] = mode;
}
