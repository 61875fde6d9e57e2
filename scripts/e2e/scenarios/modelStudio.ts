// The node at Alibaba Model Studio: orders, an edit of a file behind localhost, an agent.
/* eslint-disable @n8n/community-nodes/no-restricted-imports -- a script: it runs in Node, never in n8n */
import { deepEqual, equal } from 'node:assert/strict';
import { example } from '../../../tools/n8n/furnish';
import { chain, itemsOf } from '../../../tools/n8n/workflow';
import { succeed } from '../runs';
import type { Scenario, World } from '../world';
import { AGENT_VERSIONS, answersWithLink } from './agent';

const CREDENTIAL = 'happyHorseModelStudioApi';

export const modelStudio: Scenario = {
	name: 'model-studio',
	checks: [ordersAndEdits, agentGetsLink],
};

/** All four modes. The edit is of a file, which is uploaded: nobody could fetch it from this n8n. */
async function ordersAndEdits(world: World): Promise<void> {
	const { rest, modelStudio: simulator } = world;
	const credentials = { [CREDENTIAL]: world.modelStudioCredential };
	const common = { service: 'modelStudio', resolution: '720P' };
	const horse = (name: string, parameters: object) =>
		world.horse(name, { ...common, ...parameters }, { credentials });
	const image = `${simulator.mediaUrl}/file/one.jpg`;
	const steps = [
		horse('Animate', { operation: 'imageToVideo', imageUrl: image, duration: 3 }),
		horse('Meet', {
			operation: 'referenceToVideo',
			prompt: 'character1 smiles',
			referenceImages: { image: [{ source: 'url', url: image }] },
			duration: 3,
		}),
		horse('Make', { prompt: 'A horse', duration: 3, options: { seed: 7 } }),
		horse('Edit', { operation: 'editVideo', videoSource: 'binary', prompt: 'Make it snow' }),
	];
	const execution = await succeed({ rest }, chain('At Model Studio', ...steps));
	const items = steps.map(({ name }) => itemsOf(execution, name)[0]);
	const ids = items.map(({ json }) => json.task_id);
	deepEqual(ids, [...simulator.tasks.keys()]);
	const modes = [...simulator.tasks.values()].map(({ mode }) => mode);
	equal(new Set(modes).size, steps.length);
	for (const { json, binary } of items) {
		equal(json.status, 'succeeded');
		equal(typeof json.billed_seconds, 'number');
		equal('width' in json, false, 'the service tells no size');
		equal(binary.data.mimeType, 'video/mp4');
	}
}

/** The tool of the example, set to this service. */
async function agentGetsLink(world: World): Promise<void> {
	const tool = example('ai-agent').nodes.find(({ name }) => name === 'Generate a Video');
	const change = {
		parameters: { ...tool?.parameters, service: 'modelStudio' },
		credentials: { [CREDENTIAL]: world.modelStudioCredential },
	};
	for (const version of AGENT_VERSIONS) {
		world.modelStudio.reset();
		world.model.requests.length = 0;
		await answersWithLink({ ...world, simulator: world.modelStudio }, version, change);
	}
}
