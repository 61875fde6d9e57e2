// The node at Alibaba Model Studio: credential, orders, an edit of a file behind localhost, and a cancelled task.
/* eslint-disable @n8n/community-nodes/no-restricted-imports -- a script: it runs in Node, never in n8n */
import { deepEqual, equal, match } from 'node:assert/strict';
import { API_KEY } from '../../../tools/n8n/furnish';
import { chain, errorOf, itemsOf, type WorkflowNode } from '../../../tools/n8n/workflow';
import { Simulator } from '../../../tools/simulator/simulator';
import type { Scenario, World } from '../world';

const CREDENTIAL = 'happyHorseModelStudioApi';

export const modelStudio: Scenario = {
	name: 'model-studio',
	async run(world) {
		const simulator = await Simulator.start({
			service: 'modelStudio',
			apiKey: API_KEY,
			secondsPerTask: 2,
		});
		try {
			const data = { apiKey: API_KEY, region: 'other', baseUrl: simulator.baseUrl };
			await credentialTests(world, data);
			const credential = await world.rest.createCredential('Model Studio', CREDENTIAL, data);
			const horse = (name: string, parameters: object): WorkflowNode =>
				world.horse(
					name,
					{ service: 'modelStudio', resolution: '720P', ...parameters },
					{ credentials: { [CREDENTIAL]: credential } },
				);
			await ordersAndEdits(world, simulator, horse);
			await cancels(world, simulator, horse);
		} finally {
			await simulator.stop();
		}
	},
};

type Horse = (name: string, parameters: object) => WorkflowNode;

async function credentialTests({ rest }: World, data: object): Promise<void> {
	equal((await rest.testCredential(CREDENTIAL, data)).status, 'OK');
	const wrongKey = await rest.testCredential(CREDENTIAL, { ...data, apiKey: 'sk-wrong-0000' });
	equal(wrongKey.status, 'Error');
	match(wrongKey.message, /key/i);
}

/** A video from text, and one made of its file, which is uploaded: nobody could fetch it from this n8n. */
async function ordersAndEdits({ rest }: World, simulator: Simulator, horse: Horse): Promise<void> {
	const workflow = chain(
		'At Model Studio',
		horse('Make', { prompt: 'A horse', duration: 3, options: { seed: 7 } }),
		horse('Edit', { operation: 'editVideo', videoSource: 'binary', prompt: 'Make it snow' }),
	);
	const execution = await rest.runToEnd(workflow);
	equal(execution.status, 'success', JSON.stringify(errorOf(execution)));
	const [made] = itemsOf(execution, 'Make');
	const [edited] = itemsOf(execution, 'Edit');
	deepEqual(
		[made.json.task_id, edited.json.task_id],
		[...simulator.tasks.values()].map(({ id }) => id),
	);
	for (const { json, binary } of [made, edited]) {
		equal(json.status, 'succeeded');
		equal(typeof json.billed_seconds, 'number');
		equal('width' in json, false, 'the service tells no size');
		equal(binary.data.mimeType, 'video/mp4');
	}
}

async function cancels({ rest }: World, simulator: Simulator, horse: Horse): Promise<void> {
	simulator.outcomes.push({ outcome: { result: 'never', statuses: ['PENDING'] } });
	const execution = await rest.runToEnd(
		chain(
			'Cancelled',
			horse('Order', { prompt: 'A horse', waitForCompletion: false }),
			horse('Cancel', { resource: 'task', operation: 'cancel', taskId: '={{ $json.task_id }}' }),
		),
	);
	equal(execution.status, 'success', JSON.stringify(errorOf(execution)));
	equal(itemsOf(execution, 'Cancel')[0].json.status, 'canceled');
}
