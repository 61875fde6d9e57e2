// Values of parameters in all the types that they arrive in.
import {
	parseText,
	readBoolean,
	readChoice,
	readNumber,
} from '../../nodes/HappyHorse/request/values';

const holding = (value: unknown) => ({ value: () => value });
const isFrom3To15 = (n: number) => Number.isInteger(n) && n >= 3 && n <= 15;
const wholeFrom3To15 = (value: unknown) =>
	readNumber(holding(value), 'duration', undefined, 'from 3 to 15', isFrom3To15);
const switchOf = (value: unknown) => readBoolean(holding(value), 'waitForCompletion');
const resolutionOf = (value: unknown) =>
	readChoice(holding(value), 'resolution', ['720P', '1080P'], '1080P');

it('a parameter that the workflow does not hold has its usual value; one that is empty has none', () => {
	expect(readNumber(holding(undefined), 'duration', 5, 'from 3 to 15', isFrom3To15)).toBe(5);
	expect(readBoolean(holding(undefined), 'waitForCompletion', true)).toBe(true);
	expect(resolutionOf(undefined)).toBe('1080P');
	expect(() => readNumber(holding(''), 'duration', 5, 'from 3 to 15', isFrom3To15)).toThrow(
		'Duration (Seconds) must be from 3 to 15, but is empty',
	);
});

describe('a number', () => {
	it.each([
		['5', 5],
		[' 5 ', 5],
		['5.', 5],
		['+5', 5],
		['015', 15],
		[3, 3],
		[15, 15],
	])('is accepted as %j', (value, number) => {
		expect(wholeFrom3To15(value)).toBe(number);
	});

	it.each([
		['5s', '"5s"'],
		['0x5', '"0x5"'],
		['1e1', '"1e1"'],
		['5,0', '"5,0"'],
		['  ', 'empty'],
		[null, 'empty'],
		['16', '"16"'],
		[-5, '-5'],
		[Infinity, 'Infinity'],
		[true, 'true'],
		[[5], 'a list of 1'],
		[{ five: 5 }, 'a value of the type object'],
	])('is refused as %j, with field, rule and value', (value, found) => {
		expect(() => wholeFrom3To15(value)).toThrow(
			`Duration (Seconds) must be from 3 to 15, but is ${found}`,
		);
	});
});

describe('a switch', () => {
	it.each([
		[true, true],
		[false, false],
		[' True ', true],
		['FALSE', false],
	])('is accepted as %j', (value, meaning) => {
		expect(switchOf(value)).toBe(meaning);
	});

	it.each(['yes', '', 1, 0, '1', [true]])('is refused as %j', (value) => {
		expect(() => switchOf(value)).toThrow('Wait for Completion must be true or false, but is ');
	});
});

describe('a text', () => {
	it.each([
		[' a horse ', ' a horse '],
		['{{ $', '{{ $'],
		[2024, '2024'],
		[true, 'true'],
		['  ', ''],
		[null, ''],
		[undefined, ''],
	])('is accepted as %j', (value, text) => {
		expect(parseText('Prompt', value)).toBe(text);
	});

	it.each([[['a']], [{ text: 'a' }], [NaN], [Infinity]])('is refused as %p', (value) => {
		expect(() => parseText('Prompt', value)).toThrow('Prompt must be text, but is ');
	});

	it.each(['A video of [object Object], cinematic', '[object Object]', 'a [object Promise].mp4'])(
		'is refused with an object in it: %s',
		(value) => {
			expect(() => parseText('Prompt', value)).toThrow(
				/^Prompt contains \[object \w+\]: an expression in it gives an object, not text$/,
			);
		},
	);

	it.each([
		'{{ $json.scene }}',
		'{{ `${$json.city} at night` }}',
		'{{ $json.scene + "{{" }}',
		'{{ $json.s.map((x) => ({ t: x })) }}',
	])('is refused where something is still to be filled in: %s', (value) => {
		expect(() => parseText('Prompt', `A horse in ${value}, {"a":{"b":1}}`)).toThrow(
			`Prompt contains ${value}, in whose place there must be a value`,
		);
	});
});

describe('a word from a list', () => {
	it('is accepted as it is written', () => {
		expect(resolutionOf('720P')).toBe('720P');
	});

	it.each(['720p', '4K', '', 720, ['720P']])('is refused as %j, with the list', (value) => {
		expect(() => resolutionOf(value)).toThrow(/^Resolution must be one of 720P, 1080P, but is /);
	});
});
