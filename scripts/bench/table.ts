// The table of a run in Markdown, for the screen and docs/benchmark.md.
import type { Row } from './rows';

/** The contents of the table; `docs/benchmark.json` holds those of docs/benchmark.md. */
export interface Report {
	/** When it was made, ISO 8601. */
	at: string;
	/** Node, processor and memory, in words. */
	machine: string;
	/** Whether the loads were smaller than those that the targets are for. */
	quick: boolean;
	rows: Row[];
}

const HEAD = ['what', 'measured', 'target', 'met', 'one item after another', 'loop built by hand'];

/** Rows as a Markdown table with columns of equal width. */
export function tableOf(head: readonly string[], rows: ReadonlyArray<readonly string[]>): string {
	const widths = head.map((_, column) =>
		Math.max(...[head, ...rows].map((row) => row[column].length)),
	);
	const line = (row: readonly string[]) =>
		`| ${row.map((cell, n) => cell.padEnd(widths[n])).join(' | ')} |`;
	const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`;
	return [line(head), rule, ...rows.map(line)].join('\n');
}

/** A report in Markdown: a line about the machine, then the table. */
export function reportText({ at, machine, quick, rows }: Report): string {
	const note = quick ? 'Quick: smaller loads than the targets are made for.' : 'All loads in full.';
	const cells = rows.map(({ what, figure, target, met, oneByOne, byHand }) => {
		return [what, figure, target, met ? 'yes' : 'NO', oneByOne, byHand];
	});
	return `${at.slice(0, 10)}, ${machine}. ${note}\n\n${tableOf(HEAD, cells)}\n`;
}

/** The marks between which a report stands. */
const BLOCK = /(?<=<!-- benchmark -->\n)[^]*(?=\n<!-- end of benchmark -->)/;

/** The text of docs/benchmark.md with this report in place of the one in it. */
export function withReport(page: string, report: Report): string {
	return page.replace(BLOCK, () => `\n${reportText(report)}`);
}
