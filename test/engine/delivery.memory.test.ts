// An n8n that keeps files in memory: they come out inside the items. The mode is chosen once for a process.
import { useWorld } from './world';

const world = useWorld({ engine: { binaryMode: 'default' }, simulator: { secondsPerTask: 2 } });

it('the files of a video come out whole, inside the item', async () => {
	world.simulator.outcomes.push({ outcome: { videos: 2 } });
	const { status, items } = await world.engine.runNode({
		parameters: { prompt: 'A horse', options: { downloadCover: true } },
	});
	expect(status).toBe('success');
	const [{ binary = {} }] = items;
	expect(Object.keys(binary)).toEqual(['data', 'data_1', 'cover']);
	for (const file of Object.values(binary)) expect(file.id).toBeUndefined();
	for (const file of [binary.data, binary.data_1])
		expect(await world.engine.readBinary(file)).toHaveLength(188_569);
	expect(world.simulator.ofKind('media')).toHaveLength(3);
});

it('a connection that breaks off halfway is tried again', async () => {
	world.simulator.faults.push({ on: 'media', fault: { kind: 'reset', when: 'mid-body' } });
	const { items } = await world.engine.runNode({ parameters: { prompt: 'A horse' } });
	const { data } = items[0].binary ?? {};
	expect(await world.engine.readBinary(data)).toHaveLength(188_569);
	expect(world.simulator.ofKind('media')).toHaveLength(2);
});
