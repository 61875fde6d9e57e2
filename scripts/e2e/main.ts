// `npm run e2e`: the packed node in real n8n, one line a scenario.
/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals -- a script: it runs in Node, never in n8n */
import { randomInt } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { PlainError, print, ROOT, runCommand } from '../../tools/command';
import { buildAndPack } from '../../tools/n8n/addPackage';
import { defaultVersion, installN8n, KNOWN_VERSIONS } from '../../tools/n8n/install';
import { npm, unpack } from '../../tools/pack';
import { requireProgram } from './programs';
import { advice } from './scenarios/advice';
import { agent } from './scenarios/agent';
import { appearance } from './scenarios/appearance';
import { crowd } from './scenarios/crowd';
import { dryRun } from './scenarios/dryRun';
import { editor } from './scenarios/editor';
import { examples } from './scenarios/examples';
import { film } from './scenarios/film';
import { killStorm } from './scenarios/killStorm';
import { modelStudio } from './scenarios/modelStudio';
import { newcomer } from './scenarios/newcomer';
import { queue } from './scenarios/queue';
import { signedLink } from './scenarios/signedLink';
import { stopAndRetry } from './scenarios/stopAndRetry';
import { survives } from './scenarios/survives';
import { workflows } from './scenarios/workflows';
import { openWorld, STORM_MODES, type Scenario, type World } from './world';

/** In the order in which they run. */
const SCENARIOS = [
	appearance,
	examples,
	editor,
	stopAndRetry,
	survives,
	killStorm,
	crowd,
	newcomer,
	dryRun,
	film,
	modelStudio,
	agent,
	queue,
	signedLink,
	workflows,
	advice,
];

const HELP = `The node in real n8n, against the simulator, all on this machine.

Usage: npm run e2e [-- flags]

  --n8n VERSION  ${KNOWN_VERSIONS.join(', ')} (default: the newest for the running Node)
  --only NAME    one scenario (or several, separated by commas)
  --skip NAME    all but this one (or several)
  --twice        what fails is tried once more
  --package FILE a packed package, in place of a fresh build of this repository
  --rounds N     of kill-storm (default: 3)
  --seed S       of kill-storm (default: a new one)
  --mode MODE    of kill-storm and crowd: main (default) or queue
  --without-intents  a node that writes no intents: kill-storm has to fail
  --help         this text

Scenarios: ${SCENARIOS.map(({ name }) => name).join(', ')}`;

/** The scenarios of these names, separated by commas. */
function named(names = ''): Scenario[] {
	return names.split(',').flatMap((name) => {
		if (name === '') return [];
		const scenario = SCENARIOS.find((one) => one.name === name);
		if (scenario === undefined) throw new PlainError(`There is no scenario "${name}"`);
		return scenario;
	});
}

/** Runs scenarios one after the other, a line each. Returns those that failed. */
async function runEach(world: World, scenarios: readonly Scenario[]): Promise<Scenario[]> {
	const failed: Scenario[] = [];
	for (const scenario of scenarios) {
		const start = Date.now();
		const ended = (result: string) =>
			`${result} ${scenario.name} (${Math.round((Date.now() - start) / 1000)} s)`;
		try {
			for (const check of scenario.checks) {
				world.simulator.reset();
				world.modelStudio.reset();
				world.model.requests.length = 0;
				await check(world);
			}
			print(ended('ok     '));
		} catch (error) {
			failed.push(scenario);
			print(`${ended('FAILED ')}\n${error instanceof Error ? error.stack : String(error)}`);
		}
	}
	return failed;
}

/** It is gone when this process ends. */
function temporaryFolder(): string {
	const folder = mkdtempSync(join(tmpdir(), 'happyhorse-e2e-'));
	process.on('exit', () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));
	return folder;
}

/** The package without its intents. Returns the path of its tarball, in a folder of its own below `folder`. */
function withoutIntents(tarball: string, folder: string): string {
	const unpacked = join(folder, 'without-intents');
	unpack(tarball, unpacked);
	const file = join(unpacked, 'dist', 'nodes', 'HappyHorse', 'HappyHorse.node.js');
	const code = readFileSync(file, 'utf8');
	const without = code.replaceAll('helpers.checkProcessedAndRecord', 'helpers.noSuchHelper');
	if (without === code) throw new Error('The intents were not found in the packed node');
	writeFileSync(file, without);
	return join(unpacked, npm(['pack', '--silent'], unpacked).trim());
}

void runCommand(async () => {
	const { values } = parseArgs({
		options: {
			n8n: { type: 'string', default: defaultVersion() },
			only: { type: 'string' },
			skip: { type: 'string' },
			twice: { type: 'boolean', default: false },
			package: { type: 'string' },
			rounds: { type: 'string', default: '3' },
			mode: { type: 'string', default: 'main' },
			seed: { type: 'string', default: String(randomInt(1_000_000)) },
			'without-intents': { type: 'boolean', default: false },
			help: { type: 'boolean', default: false },
		},
	});
	if (values.help) return print(HELP);
	const { n8n: version, seed } = values;
	const mode = STORM_MODES.find((one) => one === values.mode);
	if (mode === undefined) throw new PlainError(`--mode: ${STORM_MODES.join(' or ')}`);
	const skipped = named(values.skip);
	const chosen = values.only === undefined ? SCENARIOS : named(values.only);
	const scenarios = chosen.filter((one) => !skipped.includes(one));
	for (const program of scenarios.flatMap(({ needs = [] }) => needs)) requireProgram(program);

	const output = join(ROOT, '.cache', 'e2e', version);
	rmSync(output, { recursive: true, force: true });
	mkdirSync(output, { recursive: true });
	const folder = temporaryFolder();
	const log = join(output, 'install.log');
	const install = await installN8n(version, log);
	const packed = values.package ?? (await buildAndPack(folder, log));
	const tarball = values['without-intents'] ? withoutIntents(packed, folder) : packed;
	print(`n8n ${version}, logs and screenshots in ${output}, seed ${seed}`);
	const storm = { mode, rounds: Number(values.rounds), seed };
	// What is tried once more starts afresh
	const runAll = async (some: readonly Scenario[]) => {
		const open = async () =>
			await openWorld({ install, tarball, folder: temporaryFolder(), output, storm });
		const world = await open().catch(open);
		return await runEach(world, some).finally(world.close);
	};
	let failed = await runAll(scenarios);
	if (values.twice && failed.length > 0) {
		print(`${failed.length} failed, and are tried once more`);
		failed = await runAll(failed);
	}
	print(`${scenarios.length - failed.length} passed, ${failed.length} failed`);
	if (failed.length > 0) process.exitCode = 1;
	// A browser or a connection that is still open must not keep this process: it ends here, whatever happened
}).finally(() => process.exit());
