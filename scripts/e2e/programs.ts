// The installed programs that scenarios need, beside Node.
/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals -- a script: it runs in Node, never in n8n */
import { existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { PlainError } from '../../tools/command';

/** The Debian packages that they come with. */
const DEBIAN_PACKAGES = {
	chromium: 'chromium',
	gm: 'graphicsmagick',
	'redis-server': 'redis-server',
	postgres: 'postgresql',
	initdb: 'postgresql',
};

export type Program = keyof typeof DEBIAN_PACKAGES;

/** The path of an installed program. Throws an error that names the missing package. */
export function requireProgram(program: Program): string {
	// Debian keeps the programs of PostgreSQL out of the PATH
	const versions = '/usr/lib/postgresql';
	const postgres = existsSync(versions) ? readdirSync(versions) : [];
	const path = [
		...(process.env.PATH ?? '').split(delimiter),
		...postgres.map((version) => join(versions, version, 'bin')),
	]
		.map((folder) => join(folder, program))
		.find((file) => existsSync(file));
	if (path !== undefined) return path;
	const name = DEBIAN_PACKAGES[program];
	throw new PlainError(`${program} is missing: apt-get install ${name}`);
}
