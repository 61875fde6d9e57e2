// `npm run bench`: the node in n8n's engine against the simulator on loopback, in real time, beside two other ways.
/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals -- a benchmark: it runs in Node, never in n8n */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { PlainError, print, runCommand } from '../../tools/command';
import { runApart } from './apart';
import { quickly, type Measured } from './load';
import type { Row } from './rows';
import { CROWDS } from './crowds';
import { filmRows } from './film';
import { SCENARIOS, type Scenario } from './scenarios';
import { storeRows } from './store';
import { type Report, reportText, withReport } from './table';

/** What a scenario comes to: its rows, and the raw figures of its loads. */
interface Result {
	readonly rows: Row[];
	readonly measured?: Measured[];
}

/** By name, in the order in which they run. */
const RUNS: Record<string, (quick: boolean) => Promise<Result>> = {
	...Object.fromEntries(
		[...SCENARIOS, CROWDS].map((one) => [one.name, async (quick) => await measure(one, quick)]),
	),
	store: async (quick) => ({ rows: await storeRows(quick) }),
	film: async (quick) => ({ rows: await filmRows(quick) }),
};

const NAMES = Object.keys(RUNS);

const HELP = `Measures the node against its targets. Takes about forty minutes, and wants a machine that does nothing else.

Usage: npm run bench -- [flags]

  --only NAME  one of ${NAMES.join(', ')}; may be given several times
  --docs       puts the table into docs/benchmark.md, too, and its contents into docs/benchmark.json
  --quick      fewer, smaller and shorter loads: shows that it works, proves nothing
  --help       this text

The table also goes to bench-output/bench.md, with all raw figures in bench-output/bench.json.
`;

const OUTPUT = 'bench-output';
const MEASURED = join(__dirname, 'measured.ts');
const PAGE = 'docs/benchmark.md';
const PAGE_REPORT = 'docs/benchmark.json';

function jsonText(value: unknown): string {
	return `${JSON.stringify(value, null, '\t')}\n`;
}

async function measure({ name, loads, rows }: Scenario, quick: boolean): Promise<Result> {
	const measured: Measured[] = [];
	for (const load of quick ? loads.map(quickly) : loads) {
		const done = await runApart<Measured>(MEASURED, JSON.stringify(load));
		measured.push(done);
		const { way, items, inFlight } = load;
		print(`${name}: ${way}, ${items} items, ${inFlight} in flight: ${done.seconds.toFixed(1)} s`);
		for (const warning of done.warnings) print(`  warning: ${warning}`);
	}
	return { rows: rows(measured), measured };
}

void runCommand(async () => {
	const { values } = parseArgs({
		options: {
			only: { type: 'string', multiple: true, default: NAMES },
			quick: { type: 'boolean', default: false },
			docs: { type: 'boolean', default: false },
			help: { type: 'boolean', default: false },
		},
	});
	const { only, quick, docs, help } = values;
	if (help) return print(HELP);
	const unknown = only.find((name) => !NAMES.includes(name));
	if (unknown !== undefined)
		throw new PlainError(`There is no ${unknown}; there are ${NAMES.join(', ')}`);

	if (docs && (quick || only.length < NAMES.length))
		throw new PlainError('The documentation shows all loads in full: leave out --quick and --only');

	const results: Array<Result & { name: string }> = [];
	for (const name of NAMES.filter((one) => only.includes(one))) {
		results.push({ name, ...(await RUNS[name](quick)) });
	}
	const machine = `Node ${process.version}, ${cpus().length} cores (${cpus()[0].model}), ${Math.round(totalmem() / 2 ** 30)} GB`;
	const rows = results.flatMap((result) => result.rows);
	const report: Report = { at: new Date().toISOString(), machine, quick, rows };
	const text = reportText(report);
	print(`\n${text}`);
	await mkdir(OUTPUT, { recursive: true });
	await writeFile(join(OUTPUT, 'bench.md'), text);
	await writeFile(join(OUTPUT, 'bench.json'), jsonText({ ...report, results }));
	if (docs) {
		await writeFile(PAGE, withReport(await readFile(PAGE, 'utf8'), report));
		await writeFile(PAGE_REPORT, jsonText(report));
	}
	if (rows.some(({ met }) => !met)) process.exitCode = 1;
});
