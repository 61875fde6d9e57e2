// `npm run e2e`: the packed node in real n8n, one line a scenario.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { defaultVersion, installN8n, ROOT } from './install.mjs';
import { openWorld, requireProgram } from './world.mjs';
import { pack } from './pack.mjs';

const HELP = `The node in real n8n, against the simulator, all on this machine.

Usage: npm run e2e [-- flags]

  --n8n VERSION  1.123.81, 2.8.4, 2.35.7 or 2.41.1 (default: the newest for the running Node)
  --only NAME    one scenario (or several, separated by commas)
  --package FILE a packed package, in place of a fresh build of this repository
  --help         this text

Scenarios: `;

/** In the order in which they run. `needs`: programs that have to be installed. */
const SCENARIOS = [
	{ name: 'appearance', needs: ['chromium'] },
	{ name: 'examples', needs: ['chromium'] },
	{ name: 'editor', needs: ['chromium'] },
	{ name: 'stop-and-retry' },
	{ name: 'agent' },
	{ name: 'queue', needs: ['redis-server', 'postgres'] },
	{ name: 'signed-link' },
	{ name: 'workflows' },
];

const { values } = parseArgs({
	options: {
		n8n: { type: 'string', default: defaultVersion() },
		only: { type: 'string' },
		package: { type: 'string' },
		help: { type: 'boolean', default: false },
	},
});

if (values.help) {
	console.log(HELP + SCENARIOS.map(({ name }) => name).join(', '));
} else {
	try {
		process.exitCode = (await runAll(values.n8n, chosen(values.only), values.package)) ? 0 : 1;
	} catch (error) {
		console.error(error.message);
		process.exitCode = 1;
	}
	// A browser or a connection that is still open must not keep this process
	process.exit();
}

function chosen(only) {
	if (only === undefined) return SCENARIOS;
	return only.split(',').map((name) => {
		const scenario = SCENARIOS.find((one) => one.name === name);
		if (scenario === undefined) throw new Error(`There is no scenario "${name}"`);
		return scenario;
	});
}

/** Runs scenarios one after the other. Returns whether all of them passed. */
async function runAll(version, scenarios, packed) {
	for (const program of new Set(scenarios.flatMap(({ needs = [] }) => needs))) {
		requireProgram(program);
	}
	// What is left behind on purpose: logs and screenshots
	const output = join(ROOT, '.cache', 'e2e', version);
	rmSync(output, { recursive: true, force: true });
	mkdirSync(output, { recursive: true });
	const folder = mkdtempSync(join(tmpdir(), 'happyhorse-e2e-'));
	process.on('exit', () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));
	let passed = 0;
	let failed = 0;
	const log = join(output, 'install.log');
	const install = await installN8n(version, log);
	const tarball = packed ?? (await pack(folder, log));
	console.log(`n8n ${version}, logs and screenshots in ${output}`);
	const world = await openWorld({ install, tarball, folder, output });
	try {
		for (const { name } of scenarios) {
			const { run } = await import(`./scenarios/${name}.mjs`);
			const start = Date.now();
			const seconds = () => `${Math.round((Date.now() - start) / 1000)} s`;
			try {
				world.simulator.reset();
				await run(world);
				passed += 1;
				console.log(`ok      ${name} (${seconds()})`);
			} catch (error) {
				failed += 1;
				console.log(`FAILED  ${name} (${seconds()})\n${error.stack ?? error}`);
			}
		}
	} finally {
		await world.close();
	}
	console.log(`${passed} passed, ${failed} failed`);
	return failed === 0;
}
