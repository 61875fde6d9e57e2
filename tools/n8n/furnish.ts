// What a fresh n8n gets: credentials for the simulators, and the workflows in `examples`.
/* eslint-disable @n8n/community-nodes/no-restricted-imports -- a tool: it runs in Node, never in n8n */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../command';
import type { Simulator } from '../simulator/simulator';
import type { Model } from './model';
import type { Rest } from './rest';
import { workflowShape, type Workflow } from './workflow';

export const API_KEY = 'test-key';

/** The names that the workflows in `examples` know the credentials by: those that n8n itself suggests. */
const CREDENTIAL = 'HappyHorse account';
const MODEL_STUDIO_CREDENTIAL = 'HappyHorse Model Studio account';
const MODEL_CREDENTIAL = 'OpenAI account';

export const EXAMPLES = join(ROOT, 'examples');

/** The workflow of a file in `examples`. `change`: what to make of the file's text first. */
export function example(name: string, change = (text: string) => text): Workflow {
	const text = readFileSync(join(EXAMPLES, `${name}.json`), 'utf8');
	return workflowShape.parse(JSON.parse(change(text)));
}

/** All examples, by name. */
export function exampleNames(): string[] {
	return readdirSync(EXAMPLES)
		.filter((file) => file.endsWith('.json'))
		.map((file) => file.slice(0, -'.json'.length));
}

/** Makes the credentials of iMini and of the chat model, and returns the first. */
export async function createCredentials(rest: Rest, { baseUrl }: Simulator, { url }: Model) {
	await rest.createCredential(MODEL_CREDENTIAL, 'openAiApi', { apiKey: 'none', url });
	return await rest.createCredential(CREDENTIAL, 'happyHorseApi', { apiKey: API_KEY, baseUrl });
}

/** The fields of a credential of Model Studio for a simulator. */
export function modelStudioFields({ baseUrl }: Simulator) {
	return { apiKey: API_KEY, region: 'other', baseUrl };
}

/** Makes the credential of Model Studio. */
export async function createModelStudioCredential(rest: Rest, simulator: Simulator) {
	const fields = modelStudioFields(simulator);
	return await rest.createCredential(MODEL_STUDIO_CREDENTIAL, 'happyHorseModelStudioApi', fields);
}
