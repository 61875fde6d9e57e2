// `npm run start:n8n`: real n8n in the browser with this node, the simulator, credentials and the examples in place.
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Simulator } from '../tools/simulator/simulator.ts';
import { defaultVersion, installN8n, ROOT } from './e2e/install.mjs';
import { startModel } from './e2e/model.mjs';
import { N8n } from './e2e/n8n.mjs';
import { installPackage, pack } from './e2e/pack.mjs';
import { OWNER } from './e2e/rest.mjs';
import { API_KEY, createCredentials, example, exampleNames } from './e2e/world.mjs';

const HELP = `Real n8n with this node, on this machine; the simulator stands for the service and costs nothing.

Usage: npm run start:n8n [-- flags]

  --n8n VERSION      1.123.81, 2.8.4, 2.35.7 or 2.41.1 (default: the newest for the running Node)
  --port PORT        of n8n (default 5678)
  --seconds SECONDS  from order to video (default 20)
  --help             this text

What you do there is kept in .cache/n8n-home-VERSION; delete that folder to start afresh.
`;

/** Of the simulator; its credential, once made, keeps them. */
const API_PORT = 8787;
const MODEL_PORT = 8789;

const { values } = parseArgs({
	options: {
		n8n: { type: 'string', default: defaultVersion() },
		port: { type: 'string', default: '5678' },
		seconds: { type: 'string', default: '20' },
		help: { type: 'boolean', default: false },
	},
});

if (values.help) console.log(HELP);
else await startAll(values);

async function startAll({ n8n: version, port, seconds }) {
	const home = join(ROOT, '.cache', `n8n-home-${version}`);
	mkdirSync(home, { recursive: true });
	const log = join(home, 'install.log');
	const install = await installN8n(version, log);
	const packed = join(home, 'packed');
	rmSync(packed, { recursive: true, force: true });
	mkdirSync(packed);
	await installPackage(await pack(packed, log), home, log);

	const simulator = await Simulator.start({
		apiKey: API_KEY,
		secondsPerTask: Number(seconds),
		port: API_PORT,
		mediaPort: API_PORT + 1,
	});
	const model = await startModel(MODEL_PORT);
	const n8n = new N8n({ install, folder: home, port: Number(port), output: home });
	await n8n.start();
	await furnish(n8n.rest, simulator, model);
	console.log(`
n8n ${version}   ${n8n.base}
Login        ${OWNER.email} / ${OWNER.password}
Videos come from a simulator and cost nothing; the chat model of the AI agent is a simple stand-in too.
For the real service, open Credentials > HappyHorse account: enter your API key from https://imini.ai/api-keys,
and the Base URL https://openapi.imini.ai/imini/router. From then on, videos cost credits.
The log is in ${n8n.log}
Ctrl-C ends everything.`);
}

/** Puts credentials and examples into an n8n that has none. */
async function furnish(rest, simulator, model) {
	const workflows = await rest.send('GET', '/workflows');
	if (workflows.length > 0) return;
	await createCredentials(rest, simulator, model);
	for (const name of exampleNames()) await rest.createWorkflow(example(name));
}
