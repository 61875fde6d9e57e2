// Executions of the demo: how they end, why they failed, and the files that they put out.
/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals -- a script: it runs in Node, never in n8n */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { INodeExecutionData } from 'n8n-workflow';
import type { Engine, Execution, Running } from '../../tools/engine/engine';

/** The end of an execution, which Ctrl-C stops. */
export async function ended({ result, cancel }: Running): Promise<Execution> {
	process.once('SIGINT', cancel);
	process.once('SIGTERM', cancel);
	return await result;
}

/** Why an execution has failed, in n8n's own words for it. */
export function reasonOf({ error, status }: Execution): string {
	if (status === 'canceled') {
		return 'Stopped. What was ordered is in the lines above; the service makes it all the same.';
	}
	if (error === undefined) return `The execution ended as "${status}".`;
	const where = 'node' in error && error.node ? `${error.node.name}: ` : '';
	return [`${where}${error.message}`, error.description].filter(Boolean).join('\n');
}

/** Saves the files of an item, as `name` with the extensions of their own names, and returns their names by field. */
export async function save(
	engine: Engine,
	folder: string,
	name: string,
	item: INodeExecutionData | undefined,
): Promise<Record<string, string>> {
	const file = name.toLowerCase().replaceAll(/\W+/g, '-');
	const files: Record<string, string> = {};
	for (const [field, binary] of Object.entries(item?.binary ?? {})) {
		const extension = binary.fileName?.split('.').at(-1) ?? 'bin';
		files[field] = `${file}${field === 'data' ? '' : `-${field}`}.${extension}`;
		await writeFile(join(folder, files[field]), await engine.readBinary(binary));
	}
	return files;
}
