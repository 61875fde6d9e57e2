// The README, taken apart for the tests that hold it to the code.
/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals -- a test tool: it runs in Node, never in n8n */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The top folder of the repository. */
export const root = join(__dirname, '..');

export const readme = readFileSync(join(root, 'README.md'), 'utf8');

/** What stands below a heading such as `## Limits`, up to the next one that is no smaller. */
export function section(heading: string): string {
	const start = readme.indexOf(`\n${heading}\n`);
	if (start < 0) throw new Error(`The README has no heading "${heading}"`);
	const body = readme.slice(start + heading.length + 2);
	const level = heading.indexOf(' ');
	const end = body.search(new RegExp(`^#{1,${level}} `, 'm'));
	return end < 0 ? body : body.slice(0, end);
}

/** The cells of all tables of a text, row by row. */
export function rowsOf(text: string): string[][] {
	return text
		.split('\n')
		.filter((line) => line.startsWith('|') && !/^\|[\s|:-]+\|$/.test(line))
		.map((line) =>
			line
				.split('|')
				.slice(1, -1)
				.map((cell) => cell.trim()),
		);
}
