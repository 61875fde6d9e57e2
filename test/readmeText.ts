// The README and the pages of `docs` that go with it, for the tests that hold them to the code.
/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals -- a test tool: it runs in Node, never in n8n */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The top folder of the repository. */
export const root = join(__dirname, '..');

/** What users read, in this order, by path. */
export const PAGES = [
	'README.md',
	'docs/install.md',
	'docs/operations.md',
	'docs/options.md',
	'docs/money-and-retries.md',
	'docs/troubleshooting.md',
	'docs/benchmark.md',
	'examples/README.md',
] as const;

export type Page = (typeof PAGES)[number];

/** The text of a page. */
export function page(path: Page): string {
	return readFileSync(join(root, path), 'utf8');
}

export const readme = page('README.md');

/** All that users read. */
export const manual = PAGES.map(page).join('\n');

/** What stands below a heading such as `## Limits`, up to the next one that is no smaller. Only one page may have it. */
export function section(heading: string): string {
	const [text, ...others] = PAGES.map(page).filter((one) => `\n${one}`.includes(`\n${heading}\n`));
	if (text === undefined) throw new Error(`No page has the heading "${heading}"`);
	if (others.length > 0) throw new Error(`Several pages have the heading "${heading}"`);
	const start = `\n${text}`.indexOf(`\n${heading}\n`);
	const body = text.slice(start + heading.length + 1);
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
