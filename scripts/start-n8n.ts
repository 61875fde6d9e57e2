// `npm run start:n8n`: real n8n in the browser with this node, the simulators, credentials and the examples in place.
/* eslint-disable @n8n/community-nodes/no-restricted-imports -- a script: it runs in Node, never in n8n */
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { print, ROOT, runCommand } from '../tools/command';
import { addPackage, buildAndPack } from '../tools/n8n/addPackage';
import {
	API_KEY,
	createCredentials,
	createModelStudioCredential,
	example,
	exampleNames,
} from '../tools/n8n/furnish';
import { defaultVersion, installN8n, KNOWN_VERSIONS } from '../tools/n8n/install';
import { startModel } from '../tools/n8n/model';
import { N8n } from '../tools/n8n/n8n';
import { OWNER } from '../tools/n8n/rest';
import { Simulator, type ServiceName } from '../tools/simulator/simulator';

const HELP = `Real n8n with this node, on this machine; simulators stand for the services and cost nothing.

Usage: npm run start:n8n [-- flags]

  --n8n VERSION      ${KNOWN_VERSIONS.join(', ')} (default: the newest for the running Node)
  --port PORT        of n8n (default 5678)
  --seconds SECONDS  from order to video (default 20)
  --help             this text

What you do there is kept in .cache/n8n-home-VERSION; delete that folder to start afresh.
`;

/** Always the same: the credentials keep the addresses that they were made with. */
const API_PORT = 8787;
const MODEL_PORT = 8789;
const MODEL_STUDIO_PORT = 8790;

async function startAll(version: string, port: number, seconds: number): Promise<void> {
	const home = join(ROOT, '.cache', `n8n-home-${version}`);
	mkdirSync(home, { recursive: true });
	const log = join(home, 'install.log');
	print(`n8n ${version} is made ready; the first time this takes some minutes (${log})`);
	const install = await installN8n(version, log);
	print('The node is built and put into it');
	const packed = join(home, 'packed');
	rmSync(packed, { recursive: true, force: true });
	mkdirSync(packed);
	await addPackage(await buildAndPack(packed, log), home, log);

	const simulate = async (service: ServiceName, apiPort: number) =>
		await Simulator.start({
			service,
			apiKey: API_KEY,
			secondsPerTask: seconds,
			port: apiPort,
			mediaPort: apiPort + 1,
		});
	const simulator = await simulate('imini', API_PORT);
	const modelStudio = await simulate('modelStudio', MODEL_STUDIO_PORT);
	const model = await startModel(MODEL_PORT);
	const n8n = new N8n({ install, folder: home, port, output: home });
	print('n8n starts');
	await n8n.start();
	// Only once: what the user has changed or deleted since stays as it is
	if (!(await n8n.rest.hasWorkflows())) {
		await createCredentials(n8n.rest, simulator, model);
		await createModelStudioCredential(n8n.rest, modelStudio);
		for (const name of exampleNames()) await n8n.rest.createWorkflow(example(name));
	}
	print(`
n8n ${version}   ${n8n.base}
Login        ${OWNER.email} / ${OWNER.password}
Videos come from simulators and cost nothing; the chat model is a simple stand-in too.
For the real service, open Credentials > HappyHorse account: enter your API key from https://imini.ai/api-keys,
and the Base URL https://openapi.imini.ai/imini/router; or, for Alibaba Model Studio, HappyHorse Model Studio account: your
key and its Region. From then on, videos cost credits.
The log is in ${n8n.log}
Ctrl-C ends everything.`);
}

void runCommand(async () => {
	const { values } = parseArgs({
		options: {
			n8n: { type: 'string', default: defaultVersion() },
			port: { type: 'string', default: '5678' },
			seconds: { type: 'string', default: '20' },
			help: { type: 'boolean', default: false },
		},
	});
	if (values.help) return print(HELP);
	await startAll(values.n8n, Number(values.port), Number(values.seconds));
});
