// Input items that hold what JSON can't say: from a Code node, or from a database.
import type { ItemSpec } from '../../tools/engine/engine';
import { useWorld } from './world';

const world = useWorld({ simulator: { secondsPerTask: 2 } });

class Horse {
	readonly born = new Date(0);

	constructor(readonly name: string) {}
}

function circular(): ItemSpec {
	const json: ItemSpec['json'] = { name: 'c' };
	json.itself = [{ of: json }];
	return { json };
}

const all = (...items: object[]) => items as ItemSpec[];

const strange = all(
	{ json: { name: 'a', at: new Date(0), id: 12345678901234567890n } },
	{ json: { name: 'b', of: new Horse('Bella'), is: new URL('https://a.test/') } },
	{ json: { name: 'd', text: 'x'.repeat(5 * 1024 * 1024), nothing: undefined, map: new Map() } },
);

const parameters = { prompt: '={{ $json.name }}', waitForCompletion: false };

const prompts = () => [...world.simulator.tasks.values()].map(({ body }) => body.prompt);

const message = "Item 1 (the 2nd): The input item contains itself, so it can't be told from others";

it('dates, bigints, instances and long texts do no harm', async () => {
	const { status, items } = await world.engine.runNode({ parameters, items: strange });
	expect(status).toBe('success');
	expect(items).toHaveLength(3);
	expect(prompts()).toEqual(['a', 'b', 'd']);
});

it('an item that contains itself fails by itself: the others are ordered', async () => {
	const items = [strange[0], circular(), ...strange.slice(1)];
	const run = await world.engine.runNode({
		parameters,
		items,
		onError: 'continueRegularOutput',
	});
	expect(run.items.map(({ json }) => Object.keys(json).includes('error'))).toEqual([
		false,
		true,
		false,
		false,
	]);
	expect(run.items[1].json.error).toMatchObject({ message });
	expect(prompts()).toEqual(['a', 'b', 'd']);
});

it('with On Error = stop nothing is ordered', async () => {
	const items = [strange[0], circular()];
	const { error } = await world.engine.runNode({ parameters, items });
	expect(error?.message).toBe(message);
	expect(world.simulator.requests).toEqual([]);
});
