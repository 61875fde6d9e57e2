// How a message shows a value that a field must not have.
import { valueInWords } from '../../nodes/HappyHorse/request/badValue';
import { parseLinks } from '../../nodes/HappyHorse/request/lists';
import { failureOf } from './hostile';

it('shows neither the content of a file in base64 nor the query of a link', () => {
	expect(valueInWords('data:image/gif;base64,R0lGODlhSECRET')).toBe('"data:image/gif;base64,…"');
	expect(valueInWords('/9j/4AAQSkZJRgABAQ'.repeat(9))).toBe('"…"');
	expect(valueInWords('https://a.example/x?signature=SECRET')).toBe('"https://a.example/x?…"');
	for (const start of ['https:/', 'https:\\\\', '//', 'This picture of a horse: https://'])
		expect(valueInWords(`${start}me:SECRET@a/?SECRET`)).toBe(`"${start}…@a/?…"`);
});

it('cuts what is long', () => {
	expect(valueInWords('x y '.repeat(30))).toBe(`"${'x y '.repeat(15)}…"`);
});

it('of an empty entry says what goes for one image as for many', () => {
	expect(failureOf(() => parseLinks('Image URL', ['a', '']))?.description).toBe(
		'Nothing was ordered for this item. Fill it in, or take it out of the list. Correct the field "Image URL".',
	);
});
