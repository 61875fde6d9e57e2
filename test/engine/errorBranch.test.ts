// Failed items beside good ones: how they come out when n8n goes on, and what its error says when it stops.
import { useWorld } from './world';

const world = useWorld({ simulator: { secondsPerTask: 2 } });

const items = [
	{ json: { prompt: 'good', n: 0 } },
	{ json: { prompt: '', n: 1 } },
	{ json: { prompt: 'refused', n: 2 } },
	{ json: { prompt: 'fails', n: 3 } },
	{ json: { prompt: 'good', n: 4 } },
];

/** Five items, three of which fail, each in its own way. */
async function run(onError: 'continueErrorOutput' | 'continueRegularOutput') {
	const prompt = (body: object | undefined): unknown => Object(body).prompt;
	world.simulator.faults.push({
		on: 'submit',
		match: ({ body }) => prompt(body) === 'refused',
		fault: {
			kind: 'status',
			status: 400,
			body: { code: 'BRAND_NEW', message: 'Not today', request_id: 'req_1' },
		},
	});
	world.simulator.outcomes.push({
		match: ({ body }) => prompt(body) === 'fails',
		outcome: {
			result: 'failed',
			error: { code: 'EVEN_NEWER', message: 'No luck', request_id: 'req_2' },
		},
	});
	return await world.engine.runNode({
		parameters: { prompt: '={{ $json.prompt }}' },
		items,
		onError,
	});
}

/** The expected errors of the five items; undefined for the good ones. */
function errors() {
	const failed = [...world.simulator.tasks.values()].find(({ body }) => body.prompt === 'fails');
	const taskId = failed?.id;
	return [
		{
			message:
				'Item 1 (the 2nd): The expression of the field "Prompt" gives nothing for this item: {{ $json.prompt }}',
			description:
				'Nothing was ordered for this item. Correct the expression, or what it reads: look at the input of this node for the names that are there.',
		},
		{
			message: 'Item 2 (the 3rd): The HappyHorse service refused the request',
			description:
				'Nothing was ordered for this item. Correct what it complains about, then run this again. It said: "Not today". Code: BRAND_NEW. Request ID, for the support of the service: req_1.',
			code: 'BRAND_NEW',
			request_id: 'req_1',
			http_status: 400,
		},
		{
			message: `Item 3 (the 4th): The HappyHorse service could not make the video (task ${taskId} failed)`,
			description:
				'This task stays failed; the service does not state whether it is charged. A retry orders a new one. It said: "No luck". Code: EVEN_NEWER. Request ID, for the support of the service: req_2.',
			task_id: taskId,
			code: 'EVEN_NEWER',
			request_id: 'req_2',
		},
	];
}

it('with an error output, good items go to the first one, failed ones with their input to the second', async () => {
	const execution = await run('continueErrorOutput');
	expect(execution.status).toBe('success');
	expect(execution.items.map(({ json, pairedItem }) => [json.status, pairedItem])).toEqual([
		['succeeded', { item: 0 }],
		['succeeded', { item: 4 }],
	]);
	expect(execution.errorItems).toStrictEqual(
		errors().map((error, index) => ({
			json: { ...items[index + 1].json, error },
			pairedItem: { item: index + 1 },
		})),
	);
});

it('without one, each item stands in its own place, failed or not', async () => {
	const execution = await run('continueRegularOutput');
	expect(execution.status).toBe('success');
	expect(execution.items.map(({ pairedItem }) => pairedItem)).toEqual(
		items.map((_, item) => ({ item })),
	);
	expect(execution.items.slice(1, 4).map(({ json }) => json)).toStrictEqual(
		errors().map((error) => ({ error })),
	);
	expect(execution.items.flatMap((item, n) => ('binary' in item ? [n] : []))).toEqual([0, 4]);
	for (const item of execution.items) expect(item).not.toHaveProperty('error');
});
