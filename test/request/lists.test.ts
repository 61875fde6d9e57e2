// Fields that take several: as lists, as JSON, as text with separators.
import fc from 'fast-check';
import { parseLinks, parseNames } from '../../nodes/HappyHorse/request/lists';

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
		['as many as are looked at', Array(1000).fill(one), Array(1000).fill(one)],
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

	it.each<[string, unknown]>([
		['Airtable', { id: 'att1', url: one, filename: 'a.jpg', type: 'image/jpeg' }],
		['Baserow', { url: one, visible_name: 'a.jpg', name: 'x_y.jpg', thumbnails: {} }],
		['NocoDB', { path: 'download/a.jpg', url: 'https://private.example/a.jpg', signedUrl: one }],
		['NocoDB without a signature', { title: 'a.jpg', url: one, signedUrl: null }],
		['Notion', { name: 'a.jpg', type: 'file', file: { url: one, expiry_time: 'x' } }],
		['Notion, elsewhere', { name: 'a.jpg', type: 'external', external: { url: one } }],
	])('are found in the attachments of %s', (_what, attachment) => {
		expect(parseLinks('Image URL', attachment)).toEqual([one]);
		expect(parseLinks('Image URL', [attachment, two])).toEqual([one, two]);
		expect(parseLinks('Image URL', JSON.stringify([attachment]))).toEqual([one]);
	});

	it.each<[string, unknown]>([
		['an object without one', { id: 'att1' }],
		['a file of Google Drive, which n8n does not keep', { mimeType: 'image/png', id: '1a' }],
		['one whose link is none', { url: { href: one } }],
		['one with an empty link', [{ url: '' }]],
	])('are not in %s', (_what, value) => {
		expect(() => parseLinks('Image URL', value)).toThrow('Image URL must be text');
	});

	it('come out as they went in, however they are written', () => {
		const link = fc.webUrl({ withQueryParameters: true }).filter((url) => !/[,\s]/.test(url));
		fc.assert(
			fc.property(fc.array(link, { minLength: 1, maxLength: 9 }), (links) => {
				const forms = [
					links,
					links.map((url) => ({ url })),
					JSON.stringify(links),
					links.join(', '),
					links.join(','),
					links.join('\n'),
					links.join(' '),
				];
				for (const form of forms) expect(parseLinks('X', form)).toEqual(links);
			}),
		);
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
