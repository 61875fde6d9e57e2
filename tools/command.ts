// What all commands share: the top folder, printed lines, and an end that says what went wrong.
/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals -- a tool: it runs in Node, never in n8n */
import { join } from 'node:path';

/** The top folder of the repository. */
export const ROOT = join(__dirname, '..');

/** A failure whose message says it all: it is shown without a stack trace. */
export class PlainError extends Error {}

export function print(line = ''): void {
	process.stdout.write(`${line}\n`);
}

/** Runs a command. If it throws, the reason goes to stderr, and the exit code becomes 1. */
export async function runCommand(main: () => Promise<void> | void): Promise<void> {
	try {
		await main();
	} catch (error) {
		process.stderr.write(`${reasonOf(error)}\n`);
		process.exitCode = 1;
	}
}

function reasonOf(error: unknown): string {
	if (!(error instanceof Error)) return String(error);
	// A flag that parseArgs does not take explains itself, too
	const code = 'code' in error ? String(error.code) : '';
	const isPlain = error instanceof PlainError || code.startsWith('ERR_PARSE_ARGS');
	return isPlain ? error.message : (error.stack ?? error.message);
}
