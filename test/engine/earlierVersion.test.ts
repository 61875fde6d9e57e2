// What an earlier version of the node has saved: workflows without a service, and records without a place.
import { errorOf, order, scenes, taskIds, useFaultWorld, bill } from './faults/scene';

const world = useFaultWorld();

/** Of the request in {@link order} and the item `scene 0`, as the version without services has made it. */
const FINGERPRINT = 'vDwr7HTEh-Un0DrEnhsfdO';

it('a failed execution that it has left goes on with its task, and orders nothing', async () => {
	world.simulator.outcomes.push({ outcome: { result: 'never' } });
	const failed = await world.engine.runNode({
		parameters: order({ timeout: 2 }),
		items: scenes(1),
	});
	expect(errorOf(failed)?.message).toContain('was not ready within 2 minutes');
	const [taskId] = taskIds(world);
	const contexts = failed.data.executionData?.contextData ?? {};
	const [[name, { happyHorse }]] = Object.entries(contexts);
	const { intent, startedAt } = Object(happyHorse).records['0.0'];
	contexts[name] = {
		happyHorse: {
			version: 1,
			execution: failed.id,
			firstExecution: failed.id,
			orderedSeconds: 5,
			records: {
				'0.0': {
					state: 'accepted',
					fingerprint: FINGERPRINT,
					startedAt,
					intent,
					task: { taskId, model: 'dashscope/happyhorse-1.0' },
				},
			},
			attempts: {},
		},
	};
	for (const task of world.simulator.tasks.values()) task.outcome = { afterSeconds: 0 };
	const retried = await world.engine.retry(failed, { parameters: order({ timeout: 30 }) });
	expect(retried.items[0].json).toMatchObject({ task_id: taskId, status: 'succeeded' });
	expect(bill(world)).toEqual({ submits: 1, tasks: 1 });
});

it('a workflow that names no service is one for iMini', async () => {
	const run = await world.engine.runNode({ parameters: order(), items: scenes(1) });
	expect(Object.keys(run.items[0].json).sort()).toEqual(
		[
			...['cover_url', 'created_at', 'completed_at', 'duration', 'elapsed_seconds', 'height'],
			...['model', 'operation', 'ordered_seconds', 'prompt', 'request_id', 'status', 'task_id'],
			...['video_url', 'videos', 'width'],
		].sort(),
	);
	const [{ path, body }] = world.simulator.ofKind('submit');
	expect(path).toBe('/imini/router/v1/videos/generate');
	expect(body).toStrictEqual({
		model: 'dashscope/happyhorse-1.0',
		prompt: 'scene 0',
		resolution: '1080P',
		aspect_ratio: '16:9',
		duration: 5,
	});
});
