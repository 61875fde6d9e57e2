// The table of a run in Markdown, for the screen and the README.
import type { Row } from './scenario';

/** The contents of the table; `docs/benchmark.json` holds those of the README's. */
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

function cells({ what, figure, target, met, oneByOne, byHand }: Row): string[] {
	const verdict = met === undefined ? '' : met ? 'yes' : 'NO';
	return [what, figure, target, verdict, oneByOne, byHand];
}

/** Rows as a Markdown table with columns of equal width. */
function tableOf(rows: readonly Row[]): string {
	const all = [HEAD, ...rows.map(cells)];
	const widths = HEAD.map((_, column) => Math.max(...all.map((row) => row[column].length)));
	const line = (row: string[]) => `| ${row.map((cell, n) => cell.padEnd(widths[n])).join(' | ')} |`;
	const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`;
	return [line(HEAD), rule, ...all.slice(1).map(line)].join('\n');
}

/** A report in Markdown: a line about the machine, then the table. */
export function reportText({ at, machine, quick, rows }: Report): string {
	const note = quick ? 'Quick: smaller loads than the targets are made for.' : 'All loads in full.';
	return `${at.slice(0, 10)}, ${machine}. ${note}\n\n${tableOf(rows)}\n`;
}

/** The marks in the README between which a report stands. */
const BLOCK = /(?<=<!-- benchmark -->\n\n)[^]*(?=\n<!-- end of benchmark -->)/;

/** `readme` with this report in place of the one in it. */
export function withReport(readme: string, report: Report): string {
	return readme.replace(BLOCK, () => reportText(report));
}
