// Work in a process of its own, which sends back its result.
/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, @n8n/community-nodes/no-dangerous-functions -- a benchmark: it runs in Node, never in n8n */
import { fork } from 'node:child_process';
import { once } from 'node:events';

/** Runs a script that ends with {@link sendResult}. Throws if it has sent nothing. */
export async function runApart<T>(file: string, ...args: readonly string[]): Promise<T> {
	const child = fork(file, args, { execArgv: [...process.execArgv, '--expose-gc'] });
	const results: T[] = [];
	child.on('message', (result: T) => results.push(result));
	await once(child, 'exit');
	if (results.length === 0) throw new Error(`It failed: ${file} ${args.join(' ').slice(0, 500)}`);
	return results[0];
}

/** Sends the result of this process to the one that has started it, and ends. */
export async function sendResult(result: Promise<unknown>): Promise<void> {
	try {
		const value = await result;
		await new Promise((resolve) => process.send?.(value, undefined, undefined, resolve));
		process.exit();
	} catch (error) {
		process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
		process.exit(1);
	}
}
