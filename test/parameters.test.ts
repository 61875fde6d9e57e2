// From the form to the request: every parameter that the editor shows for an order counts in it, and no other is read.
import type { INodeParameters, INodeProperties } from 'n8n-workflow';
import { properties } from '../nodes/HappyHorse/description';
import { requestParameters } from '../nodes/HappyHorse/n8n/identity';
import { MODES } from '../nodes/HappyHorse/domain/limits';
import type { InputItem } from '../nodes/HappyHorse/request/inputItem';
import { readOrder } from '../nodes/HappyHorse/request/readOrder';
import type { Protocol } from '../nodes/HappyHorse/service/httpService';
import { offerOf } from '../nodes/HappyHorse/service/httpService';
import { IMINI } from '../nodes/HappyHorse/service/imini/imini';
import { MODEL_STUDIO } from '../nodes/HappyHorse/service/modelStudio/modelStudio';
import { jsonBody } from '../nodes/HappyHorse/service/orderBody';
import { imageFile, mp4 } from '../tools/images';
import { imini } from '../tools/simulator/imini/imini';
import { modelStudio } from '../tools/simulator/modelStudio/modelStudio';
import type { Protocol as Judge } from '../tools/simulator/protocol';
import { entries, offeredOptions, sections, shownFields } from './description/editor';
import { RULES, fileOf, itemOf } from './request/item';

const ORDERED = requestParameters(properties).filter(
	(name) => !['service', 'resource', 'operation'].includes(name),
);

/** Each service: what it takes, what it is sent, and who judges that. */
const SERVICES: Record<'imini' | 'modelStudio', { service: Protocol; judge: Judge }> = {
	imini: { service: IMINI, judge: imini },
	modelStudio: { service: MODEL_STUDIO, judge: modelStudio },
};

/** What a judge takes beside its contract: the second values of fields that may hold anything. */
const MORE = { models: ['dashscope/happyhorse-1.02'], extraParameters: ['style'] };

const images = new Map<string, Buffer>();
beforeAll(async () => {
	images.set('data', await imageFile('png', 400, 400));
	images.set('data2', await imageFile('png', 500, 500));
});

/** Two values that a field may have at a service, by what the form says of it. */
function twoValues(field: INodeProperties, service: string): [unknown, unknown] {
	const { type, placeholder = '', hint = '' } = field;
	const example = placeholder.replace('e.g. ', '');
	if (type === 'string') return [example, `${example}2`];
	if (type === 'json') return ['{"style":"one"}', { style: 'two' }];
	if (type === 'number') {
		const [least, most] = hint.match(/\d+/g) ?? [];
		return [Number(least), Number(most)];
	}
	if (type === 'boolean') return [true, false];
	if (type === 'options') {
		const [one, other] = entries(field).filter(({ displayOptions: { show = {} } = {} }) =>
			Object.entries(show).every(([by, of]) => by === '/service' && of?.includes(service)),
		);
		return [one.value, other.value];
	}
	const [{ name, values }] = sections(field);
	const row = Object.fromEntries(values.map((one) => [one.name, twoValues(one, service)[0]]));
	return [{ [name]: [row, row] }, { [name]: [row, row, row] }];
}

/** The value at a path as n8n writes it, in what a node holds: options and rows lie in their collection. */
function valueAt(values: Record<string, unknown>, path: string): unknown {
	if (path in values) return values[path];
	const [name, ...rest] = path.split(/\W+/);
	return rest.reduce((value, key) => Reflect.get(Object(value), key), values[name]);
}

describe.each(
	(['imini', 'modelStudio'] as const).flatMap((service) =>
		MODES.flatMap((operation): INodeParameters[] => [
			{ service, operation },
			{ service, operation, imageSource: 'binary', videoSource: 'binary' },
		]),
	),
)('%j', ({ service: given, operation, ...sources }) => {
	const name = given === 'imini' ? 'imini' : 'modelStudio';
	const { service, judge } = SERVICES[name];
	const mode = MODES.find((one) => one === operation) ?? 'textToVideo';
	const shown = { service: name, operation: mode, ...sources };
	const fields = [
		...shownFields(shown).map((field) => ({ path: field.name, field })),
		...offeredOptions(shown).map((field) => ({ path: `options.${field.name}`, field })),
	].filter(({ path }) => ORDERED.includes(path));
	const base = Object.fromEntries(
		fields.map(({ path, field }) => [path, twoValues(field, name)[0]]),
	);

	/** The request that comes of these values, and the names of the parameters that were read for it. */
	async function requestOf(values: Record<string, unknown>) {
		const read = new Set<string>();
		const item: InputItem = {
			...itemOf({}),
			value(path) {
				const [top] = path.split('.');
				read.add(top === 'options' ? path : top);
				return valueAt(values, path);
			},
			file: (field) => {
				const content = mode === 'editVideo' ? mp4() : images.get(String(field));
				return fileOf(content ?? Buffer.alloc(0), () => `https://n8n.example.com/${String(field)}`);
			},
		};
		const order = await readOrder(mode, item, { ...RULES, ...offerOf(service) });
		const { video } = order;
		const videoUrl = video?.kind === 'file' ? video.link() : video?.url;
		const body = await jsonBody(service.body(order, videoUrl), order.images);
		return { body: body?.toString() ?? '', read: [...read] };
	}

	it('reads what the editor shows, and makes a request that the service takes', async () => {
		const { body, read } = await requestOf({ ...base, ...sources });
		expect(read.sort()).toEqual(fields.map(({ path }) => path).sort());
		const headers = { 'x-dashscope-async': 'enable' };
		expect(() => judge.checkOrder(headers, JSON.parse(body), MORE)).not.toThrow();
	});

	it('takes no extra parameter by a name of its request, however it is written', async () => {
		const { body } = await requestOf({ ...base, ...sources });
		const sent = JSON.parse(body);
		const names = [sent, sent.input, sent.parameters, sent.extra_params]
			.flatMap((part: unknown) => Object.keys(Object(part)))
			.filter((key) => !MORE.extraParameters.includes(key));
		expect(names.length).toBeGreaterThan(3);
		for (const written of names.flatMap((key) => [key, key.toUpperCase(), ` ${key}\u200b\n`])) {
			const extra = { 'options.extraParameters': JSON.stringify({ [written]: 1 }) };
			await expect(requestOf({ ...base, ...sources, ...extra })).rejects.toThrow(
				/^Extra Parameters must not hold .*: the form sends it$/s,
			);
		}
	});

	const others = fields.filter(({ path }) => !(path in sources));
	it.each(others.map(({ path, field }) => [path, twoValues(field, name)[1]]))(
		'sends another request when %s is another',
		async (path, value) => {
			const before = await requestOf({ ...base, ...sources });
			const after = await requestOf({ ...base, ...sources, [String(path)]: value });
			expect(after.body).not.toBe(before.body);
			const headers = { 'x-dashscope-async': 'enable' };
			expect(() => judge.checkOrder(headers, JSON.parse(after.body), MORE)).not.toThrow();
		},
	);
});
