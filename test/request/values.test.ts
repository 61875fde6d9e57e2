// Values of parameters in all the types that they arrive in.
import {
	isWebAddress,
	parseBoolean,
	parseChoice,
	parseLinks,
	parseNames,
	parseNumber,
	parseText,
} from '../../nodes/HappyHorse/request/values';

const wholeFrom3To15 = (value: unknown) =>
	parseNumber('Duration', value, 'from 3 to 15', (n) => Number.isInteger(n) && n >= 3 && n <= 15);

describe('a number', () => {
	it.each([
		[5, 5],
		['5', 5],
		[' 5 ', 5],
		['5.0', 5],
		['5.', 5],
		['+5', 5],
		['015', 15],
		[3, 3],
		[15, 15],
	])('is accepted as %j', (value, number) => {
		expect(wholeFrom3To15(value)).toBe(number);
	});

	it.each([
		['5.5', '"5.5"'],
		[5.5, '5.5'],
		['five', '"five"'],
		['5s', '"5s"'],
		['0x5', '"0x5"'],
		['1e1', '"1e1"'],
		['5,0', '"5,0"'],
		['', 'empty'],
		['  ', 'empty'],
		[2, '2'],
		[16, '16'],
		['16', '"16"'],
		[-5, '-5'],
		[NaN, 'NaN'],
		[Infinity, 'Infinity'],
		[null, 'empty'],
		[undefined, 'empty'],
		[true, 'true'],
		[[5], 'a list of 1'],
		[{ five: 5 }, 'a value of the type object'],
	])('is refused as %j, with field, rule and value', (value, found) => {
		expect(() => wholeFrom3To15(value)).toThrow(`Duration must be from 3 to 15, but is ${found}`);
	});
});

describe('a switch', () => {
	it.each([
		[true, true],
		[false, false],
		['true', true],
		['false', false],
		[' True ', true],
		['FALSE', false],
	])('is accepted as %j', (value, meaning) => {
		expect(parseBoolean('Wait', value)).toBe(meaning);
	});

	it.each(['yes', '', 1, 0, '1', null, undefined, [true]])('is refused as %j', (value) => {
		expect(() => parseBoolean('Wait', value)).toThrow('Wait must be true or false, but is ');
	});
});

describe('a text', () => {
	it.each([
		['a horse', 'a horse'],
		[' a horse ', ' a horse '],
		[2024, '2024'],
		[true, 'true'],
		['', ''],
		['  ', ''],
		[null, ''],
		[undefined, ''],
	])('is accepted as %j', (value, text) => {
		expect(parseText('Prompt', value)).toBe(text);
	});

	it.each([[['a']], [{ text: 'a' }]])('is refused as %j', (value) => {
		expect(() => parseText('Prompt', value)).toThrow('Prompt must be text, but is a');
	});
});

describe('a word from a list', () => {
	it('is accepted as it is written', () => {
		expect(parseChoice('Resolution', '720P', ['720P', '1080P'])).toBe('720P');
	});

	it.each(['720p', '4K', '', null, 720, ['720P']])('is refused as %j, with the list', (value) => {
		expect(() => parseChoice('Resolution', value, ['720P', '1080P'])).toThrow(
			/^Resolution must be one of 720P, 1080P, but is /,
		);
	});
});

describe('links in one field', () => {
	const one = 'https://a.example/1.png';
	const two = 'http://b.example/2.jpg?x=1,2';
	const data = 'data:image/png;base64,iVBORw0KGgo=';

	it.each<[string, unknown, string[]]>([
		['one', one, [one]],
		['one with space around it', ` ${one}\n`, [one]],
		['several after commas', `${one},${two}`, [one, two]],
		['several after a comma and a space', `${one}, ${two}`, [one, two]],
		['several on lines', `${one}\n${two}\r\n${one}`, [one, two, one]],
		['a comma at the end of a line', `${one},\n${two},\n`, [one, two]],
		['an array', [one, two], [one, two]],
		['an array of texts with several', [`${one},${two}`, data], [one, two, data]],
		['an array in an array', [[one], two], [one, two]],
		['a data: URL with its comma', data, [data]],
		['data: URLs after commas', `${data},${data}, ${one}`, [data, data, one]],
		[
			'a link with commas inside',
			'https://img.example/w_100,h_200/a.png',
			['https://img.example/w_100,h_200/a.png'],
		],
		[
			'another kind of address, which is refused later',
			`${one},ftp://c/3.png`,
			[one, 'ftp://c/3.png'],
		],
		['nothing', '', []],
		['blanks', ' \n , ', []],
		['not set', undefined, []],
		['an empty array', [], []],
		[
			'a data URL whose base64 comes in lines',
			`data:image/png;base64,AAAA\nBBBB\r\nCC==\n${one}`,
			['data:image/png;base64,AAAA\nBBBB\r\nCC==', one],
		],
	])('are found: %s', (_what, value, links) => {
		expect(parseLinks('Image URL', value)).toEqual(links);
	});

	// Left out, it would make character3 the second image
	it.each<[string, unknown, number]>([
		['null in an array', [one, null, two], 2],
		['a blank in an array', [one, two, ' '], 3],
		['an array of blanks', ['', null], 1],
		['a blank in an array in an array', [one, [two, '']], 2],
		['a blank in JSON', `["${one}","","${two}"]`, 2],
		['nothing between two commas', `${one},,${two}`, 2],
		['a blank between two commas', `${one}, \n,${two}`, 2],
		['nothing before the first comma', `,${one}`, 1],
		['two entries that are not there', `${one},,,${two}`, 2],
		['nothing before a comma at the end', `${one},,`, 2],
	])('an entry that is empty is named, and not left out: %s', (_what, value, entry) => {
		expect(() => parseLinks('Image URL', value)).toThrow(
			`Image URL holds a list whose entry ${entry} is empty`,
		);
	});

	it('must be text', () => {
		expect(() => parseLinks('Image URL', [{ url: one }])).toThrow('Image URL must be text');
	});
});

describe('field names in one field', () => {
	it.each<[unknown, string[]]>([
		['data', ['data']],
		['a, b,c', ['a', 'b', 'c']],
		['a\nb\r\n', ['a', 'b']],
		[
			['a', 'b,c'],
			['a', 'b', 'c'],
		],
		['my file', ['my file']],
		['', []],
		[' , ', []],
		[null, []],
	])('are found in %j', (value, names) => {
		expect(parseNames('Input Binary Field', value)).toEqual(names);
	});

	it.each<[unknown, number]>([
		['a,,b', 2],
		[', a', 1],
		['a,\n,b', 2],
		[['a', undefined], 2],
	])('an entry that is empty is named, and not left out: %j', (value, entry) => {
		expect(() => parseNames('Input Binary Field', value)).toThrow(
			`Input Binary Field holds a list whose entry ${entry} is empty`,
		);
	});
});

describe('a web address', () => {
	it.each([
		'https://a.example/1.png',
		'http://127.0.0.1:8080/x',
		'HTTPS://A.EXAMPLE',
		'https://[2001:db8::1]/x?y=1,2#z',
		'https://user@a.example/ü.png',
	])('is %s', (text) => expect(isWebAddress(text)).toBe(true));

	it.each([
		'',
		'a.example/1.png',
		'ftp://a.example/1.png',
		'file:///etc/passwd',
		'data:image/png;base64,AAAA',
		'https://',
		'https:///x',
		'https:/a.example',
		'https://a.example/a b',
		'https://a:b:c/',
		'see https://a.example',
	])('is not %j', (text) => expect(isWebAddress(text)).toBe(false));
});
