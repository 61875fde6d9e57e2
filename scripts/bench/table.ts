// The table of a run, as text for a screen and for a README: Markdown.
import type { Row } from './scenario';

const HEAD = ['what', 'measured', 'target', 'met', 'one item after another', 'loop built by hand'];

function cells({ what, figure, target, met, oneByOne, byHand }: Row): string[] {
	const verdict = met === undefined ? '' : met ? 'yes' : 'NO';
	return [what, figure, target, verdict, oneByOne, byHand].map((cell) => cell.trim());
}

/** Rows as a Markdown table with columns of equal width. */
export function tableOf(rows: readonly Row[]): string {
	const all = [HEAD, ...rows.map(cells)];
	const widths = HEAD.map((_, column) => Math.max(...all.map((row) => row[column].length)));
	const line = (row: string[]) => `| ${row.map((cell, n) => cell.padEnd(widths[n])).join(' | ')} |`;
	const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`;
	return [line(HEAD), rule, ...all.slice(1).map(line)].join('\n');
}
