// Every drop-down list of the form takes its entries by value or label, however they are written.
import fc from 'fast-check';
import type { IExecuteFunctions } from 'n8n-workflow';
import { choicesOf, labelOf } from '../../nodes/HappyHorse/description/form';
import { inputItem } from '../../nodes/HappyHorse/request/inputItem';

const LISTS = [
	'resource',
	'operation',
	'imageSource',
	'videoSource',
	'referenceImages.image[0].source',
	'resolution',
	'aspectRatio',
	'audioSetting',
];

function valueOf(parameter: string, value: unknown): unknown {
	const context = { getNodeParameter: () => value };
	return inputItem(context as unknown as IExecuteFunctions, 0).value(parameter);
}

/** A word in another case, with blanks and invisible characters in it. */
const spelled = (word: string) =>
	fc
		.tuple(
			fc.infiniteStream(fc.boolean()),
			fc.infiniteStream(
				fc.constantFrom('', '', '', ' ', '\t', '\r\n', '\u00a0', '\u200b', '\ufeff'),
			),
		)
		.map(([upper, between]) =>
			[...word]
				.map((one) => {
					const cased = upper.next().value ? one.toUpperCase() : one.toLowerCase();
					return `${String(between.next().value)}${cased}`;
				})
				.concat(String(between.next().value))
				.join(''),
		);

describe.each(LISTS)('%s', (parameter) => {
	const choices = choicesOf(parameter);

	it('has a list, of which no two entries can be mistaken for each other', () => {
		expect(choices.length).toBeGreaterThan(1);
		const words = choices.flatMap(
			({ value, label }): Array<[string, string]> => [
				[value.toLowerCase().replace(/\s/g, ''), value],
				[label.toLowerCase().replace(/\s/g, ''), value],
			],
		);
		expect(new Map(words).size).toBe(new Set(words.map(([word]) => word)).size);
		for (const [word, value] of words) expect(new Map(words).get(word)).toBe(value);
	});

	it('takes each entry by its value and by its label', () => {
		for (const { value, label } of choices) {
			fc.assert(
				fc.property(fc.oneof(spelled(value), spelled(label)), (word) => {
					expect(valueOf(parameter, word)).toBe(value);
				}),
				{ numRuns: 20 },
			);
		}
	});

	it.each(['', '4K', 'x'.repeat(1000), 720, true, ['720P']])('leaves %p as it is', (value) => {
		expect(valueOf(parameter, value)).toEqual(value);
	});
});

it.each([
	['options', 'Options'],
	['options.timeout', 'Timeout (Minutes)'],
	['options.maxTotalSeconds', 'Spending Limit (Seconds)'],
	['options.removedLongAgo', 'Options'],
	['referenceImages.image', 'Reference Images'],
	['referenceImages.image[7].url', 'Image URL'],
	['referenceImages.image[0].binaryPropertyName', 'Input Binary Field'],
	['removedLongAgo.row', 'removedLongAgo.row'],
])('a message calls %s as the editor does', (path, label) => expect(labelOf(path)).toBe(label));

it('what has no list has no choices', () => {
	for (const path of [
		'prompt',
		'options',
		'options.timeout',
		'referenceImages',
		'nowhere.at.all',
	]) {
		expect(choicesOf(path)).toEqual([]);
	}
});
