// The example of CONTRIBUTING.md, which quotes all of this file but this line.
import { useWorld } from './world';

const world = useWorld();

it('keeps polling when the service is down for a moment', async () => {
	world.simulator.faults.push({ on: 'query', times: 2, fault: { kind: 'status', status: 503 } });
	const { status, items } = await world.engine.runNode({
		parameters: { prompt: '={{ $json.topic }}', duration: 3 },
		items: [{ json: { topic: 'A paper boat' } }],
	});
	expect(status).toBe('success');
	expect(items[0].binary?.data.mimeType).toBe('video/mp4');
	expect(world.simulator.tasks.size).toBe(1);
});
