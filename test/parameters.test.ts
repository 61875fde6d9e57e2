// From the form to the request: every parameter that the editor shows for an order counts in it, and no other is read.
import type { INodeParameters, INodeProperties } from 'n8n-workflow';
import { properties } from '../nodes/HappyHorse/description';
import { requestParameters } from '../nodes/HappyHorse/identity';
import { MODES } from '../nodes/HappyHorse/order';
import type { InputItem } from '../nodes/HappyHorse/request/inputItem';
import { readOrder } from '../nodes/HappyHorse/request/readOrder';
import { submitBody } from '../nodes/HappyHorse/service/imini/body';
import { IMINI_LIMITS } from '../nodes/HappyHorse/service/imini/limits';
import { jsonBody } from '../nodes/HappyHorse/service/jsonBody';
import { imageFile, mp4 } from '../tools/images';
import { checkBody } from '../tools/simulator/imini/rules';
import { entries, sections, shownFields } from './description/editor';
import { fileOf } from './request/item';

const ORDERED = requestParameters(properties).filter(
	(name) => !['resource', 'operation'].includes(name),
);

const images = new Map<string, Buffer>();
beforeAll(async () => {
	images.set('data', await imageFile('png', 400, 400));
	images.set('data2', await imageFile('png', 500, 500));
});

/** Two values that a field may have, by what the form says of it. */
function twoValues(field: INodeProperties): [unknown, unknown] {
	const { type, placeholder = '', hint = '' } = field;
	const example = placeholder.replace('e.g. ', '');
	if (type === 'string') return [example, `${example}2`];
	if (type === 'number') {
		const [least, most] = hint.match(/\d+/g) ?? [];
		return [Number(least), Number(most)];
	}
	if (type === 'boolean') return [true, false];
	if (type === 'options') return [entries(field)[0].value, entries(field)[1].value];
	const [{ name, values }] = sections(field);
	const row = Object.fromEntries(values.map((one) => [one.name, twoValues(one)[0]]));
	return [{ [name]: [row, row] }, { [name]: [row, row, row] }];
}

describe.each(
	MODES.flatMap((operation): INodeParameters[] => [
		{ operation },
		{ operation, imageSource: 'binary', videoSource: 'binary' },
	]),
)('%j', ({ operation, ...sources }) => {
	const mode = MODES.find((one) => one === operation) ?? 'textToVideo';
	const fields = shownFields({ operation: mode, ...sources }).filter(({ name }) =>
		ORDERED.includes(name),
	);
	const base = Object.fromEntries(fields.map((field) => [field.name, twoValues(field)[0]]));

	/** The request that comes of these values, and the names of the parameters that were read for it. */
	async function requestOf(values: Record<string, unknown>) {
		const read = new Set<string>();
		const item: InputItem = {
			isExpression: () => false,
			value(path) {
				const [name, ...rest] = path.split('.');
				read.add(name);
				return rest.reduce((value, key) => Reflect.get(Object(value), key), values[name]);
			},
			file: (name) => {
				const content = mode === 'editVideo' ? mp4() : images.get(String(name));
				return fileOf(content ?? Buffer.alloc(0), () => `https://n8n.example.com/${String(name)}`);
			},
		};
		const order = await readOrder(mode, item, IMINI_LIMITS);
		const body = await jsonBody(submitBody(order), order.images);
		return { body: body?.toString() ?? '', read: [...read] };
	}

	it('reads what the editor shows, and makes a request that the service takes', async () => {
		const { body, read } = await requestOf({ ...base, ...sources });
		expect(read.sort()).toEqual(fields.map(({ name }) => name).sort());
		expect(() => checkBody(JSON.parse(body))).not.toThrow();
	});

	const others = fields.filter(({ name }) => !(name in sources));
	it.each(others.map((field) => [field.name, twoValues(field)[1]]))(
		'sends another request when %s is another',
		async (name, value) => {
			const before = await requestOf({ ...base, ...sources });
			const after = await requestOf({ ...base, ...sources, [String(name)]: value });
			expect(after.body).not.toBe(before.body);
		},
	);
});
