// An expression that gives nothing never counts as the default: of every field that the form has, found in its description.
import type { INodeParameters, INodeProperties } from 'n8n-workflow';
import { imageFile, mp4 } from '../../tools/images';
import type { ItemSpec } from '../../tools/engine/engine';
import { offeredOptions, sections, shownFields } from '../description/editor';
import { useWorld } from './world';

const world = useWorld({ simulator: { secondsPerTask: 1 } });

const LINK = 'https://a.example/1.png';
const video = (operation: string, more: INodeParameters = {}): INodeParameters => ({
	resource: 'video',
	operation,
	prompt: 'A horse',
	...more,
});
const rows = (row: INodeParameters): INodeParameters => ({ referenceImages: { image: [row] } });

/** What is valid as it stands, so that one field alone can be wrong. */
const SCENES: Record<string, INodeParameters> = {
	'text to video': video('textToVideo'),
	'an image by URL': video('imageToVideo', { imageUrl: LINK }),
	'an image file': video('imageToVideo', { imageSource: 'binary', imageUrl: LINK }),
	'references by URL': video('referenceToVideo', rows({ source: 'url', url: LINK })),
	'reference files': video('referenceToVideo', rows({ source: 'binary', url: LINK })),
	'a video by URL': video('editVideo', { videoUrl: 'https://a.example/1.mp4' }),
	'a video file': video('editVideo', {
		videoSource: 'binary',
		videoUrl: 'https://a.example/1.mp4',
	}),
	'task get': { resource: 'task', operation: 'get', taskId: 'task_1' },
	'task wait': { resource: 'task', operation: 'wait', taskId: 'task_1' },
};

/** Whether a field can hold an expression of its own. */
function takesExpression({ type, noDataExpression }: INodeProperties): boolean {
	return !noDataExpression && !['notice', 'collection', 'fixedCollection'].includes(type);
}

/** A field of a scene, and the parameters with `value` in it. */
interface Place {
	readonly path: string;
	readonly label: string;
	with(value: string): INodeParameters;
}

function placesOf(scene: INodeParameters): Place[] {
	const shown = shownFields(scene);
	const fields = shown.filter(takesExpression).map(
		({ name, displayName: label }): Place => ({
			path: name,
			label,
			with: (value) => ({ ...scene, [name]: value }),
		}),
	);
	const options = offeredOptions(scene).map(
		({ name, displayName: label }): Place => ({
			path: `options.${name}`,
			label,
			with: (value) => ({ ...scene, options: { [name]: value } }),
		}),
	);
	const [row] = Object(scene.referenceImages).image ?? [];
	const inRows = shown.flatMap(sections).flatMap((section) => section.values);
	const ofRow = inRows
		.filter(
			({ displayOptions }) =>
				row && [undefined, row.source].includes(displayOptions?.show?.source?.[0]),
		)
		.map(
			({ name, displayName: label }): Place => ({
				path: `referenceImages.image[0].${name}`,
				label,
				with: (value) => ({ ...scene, ...rows({ ...row, [name]: value }) }),
			}),
		);
	return [...fields, ...options, ...ofRow];
}

const PLACES = Object.entries(SCENES).flatMap(([scene, parameters]) =>
	placesOf(parameters).map((place) => ({ scene, place, path: place.path })),
);

/** An item with a file in its field `data` that suits the scene. */
async function itemOf(scene: string): Promise<ItemSpec> {
	const content = scene === 'a video file' ? mp4(1000) : await imageFile('png', 400, 400);
	return { json: {}, binary: { data: { content, fileName: 'a', mimeType: 'a/b' } } };
}

const NOTHINGS = ['{{ $json.nothing }}', '{{ null }}', "{{ ' \\n' }}"];

it('the table has every field', () => {
	expect(PLACES.length).toBeGreaterThan(80);
});

const ORDERS = Object.keys(SCENES).filter((scene) => !scene.startsWith('task'));

it.each(ORDERS)('%s is valid as it stands', async (scene) => {
	const items = [await itemOf(scene)];
	const { status } = await world.engine.runNode({ parameters: SCENES[scene], items });
	expect(status).toBe('success');
});

it.each(PLACES.filter(({ path }) => path !== 'options.fileName'))(
	'$scene: orders nothing when $path gives nothing',
	async ({ scene, path, place }) => {
		const expression = NOTHINGS[path.length % NOTHINGS.length];
		const items = [await itemOf(scene)];
		const parameters = place.with(`=${expression}`);
		const { error } = await world.engine.runNode({ parameters, items });
		expect(error?.message).toBe(
			`The expression of the field "${place.label}" gives nothing for this item: ${expression}`,
		);
		expect(world.simulator.requests).toEqual([]);
	},
);

it('only a file name may be blank: it is made of the task id then', async () => {
	for (const fileName of ['={{ $json.nothing }}', '', ' ']) {
		const { items } = await world.engine.runNode({
			parameters: { prompt: 'A horse', options: { fileName } },
		});
		expect(items[0].binary?.data.fileName).toBe(`${String(items[0].json.task_id)}.mp4`);
	}
});

it('a long expression is shown by its beginning, on one line', async () => {
	const prompt = `={{\n  $json.prmpt /* ${'x'.repeat(100)} */ }}`;
	const { error } = await world.engine.runNode({ parameters: { prompt } });
	const start = prompt.slice(1, 61).replace('\n', ' ');
	expect(error?.message).toBe(
		`The expression of the field "Prompt" gives nothing for this item: ${start}…`,
	);
});

describe('an expression that gives nothing between other words', () => {
	it.each<[string, INodeParameters, string]>([
		['of a prompt', video('textToVideo', { prompt: '=A {{ $json.scen }}, cinematic' }), 'Prompt'],
		...['{{ [$json.scen] }}', '{{ Number($json.scen && 1) }}', '{{ "A " + $json.scen }}'].map(
			(part): [string, INodeParameters, string] => [
				`of a prompt, where JavaScript writes it: ${part}`,
				video('textToVideo', { prompt: `=A horse, ${part}` }),
				'Prompt',
			],
		),
		[
			'of a link',
			video('imageToVideo', { imageUrl: '=https://a.example/{{ $json.scen }}.png' }),
			'Image URL',
		],
		[
			'of a file name',
			video('textToVideo', { options: { fileName: '={{ $json.scen }}.mp4' } }),
			'File Name',
		],
	])('%s is said, beside the output and in the log', async (_what, parameters, label) => {
		const scenes = [{ scene: 'rain', scen: 'rain' }, { scene: 'rain' }, { scene: 'rain' }];
		const run = await world.engine.runNode({ parameters, items: scenes.map((json) => ({ json })) });
		expect(run.status).toBe('success');
		const says = (item: number) =>
			`Item ${item}: an expression in the middle of the field "${label}" gives nothing`;
		const lines = run.logs
			.map(({ message }) => message)
			.filter((line) => line.includes('the middle'));
		expect(lines).toEqual([1, 2].map((item) => `HappyHorse: ${says(item)}`));
		expect(run.hints).toContainEqual(
			expect.objectContaining({ message: `${says(1)}. And 1 more: see the log.`, type: 'warning' }),
		);
	});

	it('is not said of one that gives something, be it 0 or false', async () => {
		const prompt = '=A {{ $json.scene }}, {{ 0 }} {{ false }} {{ [0] }} {"a": null}';
		const run = await world.engine.runNode({
			parameters: video('textToVideo', { prompt }),
			items: [{ json: { scene: 'rain, below null, undefined' } }],
		});
		expect(run.logs.map(({ message }) => message).join()).not.toContain('in the middle');
	});
});
