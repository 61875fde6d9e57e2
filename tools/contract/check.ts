// The check of the contract with the real services: the cheapest order of each mode that the user agrees to, written down.
/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, @n8n/community-nodes/require-node-api-error -- a tool: it runs in Node, never in n8n */
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { INodeParameters } from 'n8n-workflow';
import type { Account } from '../../nodes/HappyHorse/service/httpService';
import { parseAccount } from '../../nodes/HappyHorse/service/httpService';
import { DEFAULT_BASE_URL } from '../../nodes/HappyHorse/service/imini/address';
import { Redactor } from '../../nodes/HappyHorse/service/redact';
import { version } from '../../package.json';
import { PlainError, print, ROOT } from '../command';
import type { Engine } from '../engine/engine';
import type { ServiceName } from '../simulator/simulator';
import { SERVICES, type ContractRecord } from './record';
import { startRelay } from './relay';

/** The modes by their short names, and what the node is told for an order of each. */
const MODES: Readonly<Record<string, INodeParameters>> = {
	t2v: { prompt: 'A foal gallops across a meadow at sunset.' },
	i2v: {
		operation: 'imageToVideo',
		imageSource: 'binary',
		binaryPropertyName: 'image',
		prompt: 'The foal runs on towards the hills.',
	},
	r2v: {
		operation: 'referenceToVideo',
		referenceImages: { image: [{ source: 'binary', binaryPropertyName: 'image' }] },
		prompt: 'The foal of character1 rests under a tree.',
	},
	edit: { operation: 'editVideo', prompt: 'Let it snow.' },
};

/** The least that is sold, and USD for a second of it: see "What it costs" in the README. */
const LEAST = { resolution: '720P', duration: 3 };
const PRICE = 0.14;

const NO_KEY = `--live needs an API key, of iMini (made at https://imini.ai/api-keys) or of Alibaba Model Studio. Set it for one run:

  HAPPYHORSE_API_KEY=<your key> npm run demo -- --live
  DASHSCOPE_API_KEY=<your key> npm run demo -- --live`;

/** The modes that a list names, separated by commas. @throws PlainError */
export function modesIn(list: string): string[] {
	const modes = list.split(',').map((text) => text.trim());
	const unknown = modes.find((mode) => !Object.hasOwn(MODES, mode));
	if (unknown === undefined) return modes;
	const known = Object.keys(MODES).join(',');
	throw new PlainError(`"${unknown}" is no mode. Name those to order: --yes ${known}`);
}

/** A service, and the account to order with. */
export type Door = readonly [service: ServiceName, account: Account];

/** The services that the environment has keys of. @throws PlainError where there is none, or one that can't be good */
export function doorsIn(env: Readonly<Record<string, string | undefined>>): Door[] {
	const { HAPPYHORSE_API_KEY = '', DASHSCOPE_API_KEY = '', DASHSCOPE_WORKSPACE_ID = '' } = env;
	const baseUrl = env.HAPPYHORSE_BASE_URL || DEFAULT_BASE_URL;
	const gateway = env.DASHSCOPE_BASE_URL ?? '';
	const region = gateway ? 'other' : env.DASHSCOPE_REGION || 'singapore';
	const place = { region, workspaceId: DASHSCOPE_WORKSPACE_ID, baseUrl: gateway };
	const given = [
		['imini', { apiKey: HAPPYHORSE_API_KEY, baseUrl }],
		['modelStudio', { apiKey: DASHSCOPE_API_KEY, ...place }],
	] as const;
	const doors = given.flatMap(([service, fields]): Door[] => {
		if (fields.apiKey.trim() === '') return [];
		try {
			return [[service, parseAccount(SERVICES[service].protocol, fields)]];
		} catch (error) {
			throw new PlainError(`${String(error)} Here, variables take its place: see --help.`);
		}
	});
	if (doors.length === 0) throw new PlainError(NO_KEY);
	return doors;
}

/** What an order is, and about what it costs. */
function question([service, { baseUrl }]: Door, mode: string): string {
	const { resolution, duration } = LEAST;
	const seconds = mode === 'edit' ? 2 * duration : duration;
	const billed = mode === 'edit' ? `, billed perhaps as ${seconds}, with its source` : '';
	const price = `about ${(seconds * PRICE).toFixed(2)} USD`;
	return `${mode} from ${SERVICES[service].protocol.label} (${baseUrl}): ${duration} seconds in ${resolution}${billed}, ${price}`;
}

function fileAt(path: string, mimeType: string) {
	return { content: readFileSync(join(ROOT, 'tools', path)), fileName: path, mimeType };
}

/**
 * Orders what is agreed to, one after the other, until one is stopped. Leaves each video in `folder`, as `name` and what it
 * is, and what was exchanged in `name.json`.
 * @param isAgreed asked before each order, and told what it is and costs
 */
export async function checkContract(
	engine: Engine,
	doors: readonly Door[],
	folder: string,
	name: string,
	isAgreed: (mode: string, question: string) => Promise<boolean>,
): Promise<ContractRecord> {
	const record: ContractRecord = { package: version, node: process.version, orders: [] };
	const image = fileAt('simulator/media/cover.jpg', 'image/jpeg');
	const items = [{ json: {}, binary: { image, video: fileAt('clip.mp4', 'video/mp4') } }];
	const links: Partial<Record<ServiceName, string>> = {};
	const orders = doors.flatMap((door) => Object.keys(MODES).map((mode) => ({ door, mode })));
	for (const { door, mode } of orders) {
		const [service, account] = door;
		// iMini takes no file to edit
		const source =
			service === 'imini'
				? { videoUrl: links.imini }
				: { videoSource: 'binary', videoBinaryPropertyName: 'video' };
		if (mode === 'edit' && service === 'imini' && links.imini === undefined) {
			print('edit is left out at iMini: it is of a video that the same run has made there');
			continue;
		}
		if (!(await isAgreed(mode, question(door, mode)))) continue;
		const relay = await startRelay(service, account);
		const data = { apiKey: account.key, region: 'other', baseUrl: relay.baseUrl };
		const running = engine.startNode({
			parameters: { service, ...LEAST, ...source, ...MODES[mode] },
			items,
			credentials: { live: { type: account.credential, data } },
		});
		process.once('SIGINT', running.cancel);
		const { status, error, items: made } = await running.result.finally(relay.stop);
		const reason = [error?.message, error?.description].filter(Boolean).join(' ') || status;
		const outcome = new Redactor(account.key).shown(reason) ?? '';
		record.orders.push({ service, mode, outcome, exchanges: relay.exchanges });
		await writeFile(join(folder, `${name}.json`), `${JSON.stringify(record, null, '\t')}\n`);
		links[service] ??= made.at(0)?.json.video_url?.toString();
		const film = made.at(0)?.binary?.data;
		const file = join(folder, `${name}-${service}-${mode}.mp4`);
		if (film) await writeFile(file, await engine.readBinary(film));
		if (status === 'canceled') break;
	}
	return record;
}
