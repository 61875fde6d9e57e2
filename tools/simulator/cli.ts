// `npm run simulator`: runs the simulator until Ctrl-C.
/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals -- a test tool: it runs in Node, never in n8n */
import { parseArgs } from 'node:util';
import { PlainError, print, runCommand } from '../command';
import {
	Simulator,
	type RecordedRequest,
	type ServiceName,
	type SimulatorOptions,
} from './simulator';

const HELP = `A HappyHorse service on this machine, for trying things out: it costs nothing.

Usage: npm run simulator -- [flags]

  --service SERVICE  imini (default) or modelStudio
  --port PORT        port of the API (default 8787)
  --media-port PORT  port of the videos (default: the next one)
  --seconds SECONDS  from order to video, fractions allowed (default 5)
  --key KEY          the API key it takes (default test-key)
  --fetch            fetch images and videos given by URL before an order is taken
  --queries-per-second N, --orders-per-second N
                     more of them in any second are answered 429 (default: no limit)
  --help             this text
`;

/** The options that the flags ask for; undefined for the help. Throws a readable error for an invalid flag. */
function readFlags(args: string[]): SimulatorOptions | undefined {
	const { values } = parseArgs({
		args,
		options: {
			service: { type: 'string', default: 'imini' },
			port: { type: 'string', default: '8787' },
			'media-port': { type: 'string' },
			seconds: { type: 'string', default: '5' },
			key: { type: 'string', default: 'test-key' },
			fetch: { type: 'boolean', default: false },
			'queries-per-second': { type: 'string' },
			'orders-per-second': { type: 'string' },
			help: { type: 'boolean', default: false },
		},
	});
	if (values.help) return undefined;
	const port = numberOf('port', values.port, isPort);
	const nextPort = port === 0 ? 0 : port + 1;
	return {
		service: serviceOf(values.service),
		port,
		mediaPort: numberOf('media-port', values['media-port'] ?? String(nextPort), isPort),
		secondsPerTask: numberOf('seconds', values.seconds, (seconds) => seconds >= 0),
		apiKey: values.key,
		fetchSources: values.fetch,
		queriesPerSecond: limitOf('queries-per-second', values['queries-per-second']),
		ordersPerSecond: limitOf('orders-per-second', values['orders-per-second']),
	};
}

function limitOf(flag: string, text: string | undefined): number {
	return text === undefined ? Infinity : numberOf(flag, text, (limit) => limit >= 1);
}

function serviceOf(text: string): ServiceName {
	if (text === 'imini' || text === 'modelStudio') return text;
	throw new PlainError(`--service ${text} is neither imini nor modelStudio`);
}

function isPort(value: number): boolean {
	return Number.isInteger(value) && value >= 0 && value <= 65_535;
}

function numberOf(flag: string, text: string, fits: (value: number) => boolean): number {
	const value = text.trim() === '' ? NaN : Number(text);
	if (!Number.isFinite(value) || !fits(value))
		throw new PlainError(`--${flag} ${text} makes no sense`);
	return value;
}

/** The log line of a request that has ended. */
function lineAbout(simulator: Simulator, request: RecordedRequest): string {
	const time = new Date(request.at).toTimeString().slice(0, 8);
	const answer = request.status ?? (request.aborted ? 'the client went away' : 'no answer');
	const task = simulator.tasks.get(request.taskId ?? '');
	const order = request.kind === 'submit' && task ? [`ordered: ${task.mode} ${task.id}`] : [];
	return [time, request.method, request.path, answer, ...order].join('  ');
}

async function main(): Promise<void> {
	const flags = readFlags(process.argv.slice(2));
	if (flags === undefined) return print(HELP);
	const simulator: Simulator = await Simulator.start({
		...flags,
		onEnd: (request) => print(lineAbout(simulator, request)),
	});
	if (flags.service === 'modelStudio') print('Region     Other, or a Gateway');
	print(`Base URL   ${simulator.baseUrl}`);
	print(`API key    ${flags.apiKey}`);
	print(`Videos     ${simulator.mediaUrl}/file/example.mp4`);
	print('Ctrl-C ends it.\n');
	await new Promise((resolve) => {
		process.once('SIGINT', resolve);
		process.once('SIGTERM', resolve);
	});
	await simulator.stop();
}

void runCommand(main);
