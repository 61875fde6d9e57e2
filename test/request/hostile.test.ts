// Nothing that comes from outside holds the event loop, ends in anything but a failure, or makes a message long.
import fc from 'fast-check';
import type { IExecuteFunctions } from 'n8n-workflow';
import { Failure } from '../../nodes/HappyHorse/domain/failure';
import { valueInWords } from '../../nodes/HappyHorse/request/badValue';
import { dataUrlBytes, parseWebLink } from '../../nodes/HappyHorse/request/webLink';
import { givenFiles, inputItem } from '../../nodes/HappyHorse/request/inputItem';
import { parseLinks, parseNames } from '../../nodes/HappyHorse/request/lists';
import { checkCharacters, checkPrompt } from '../../nodes/HappyHorse/request/readOrder';
import { isPublicAddress } from '../../nodes/HappyHorse/util/links';
import { excerpt, spelling, tidy } from '../../nodes/HappyHorse/request/text';
import {
	parseText,
	readBoolean,
	readChoice,
	readNumber,
} from '../../nodes/HappyHorse/request/values';
import { IMINI_LIMITS } from '../../nodes/HappyHorse/service/imini/imini';
import { anyValue, expectCpuBelow, failureOf, hostileText, TEXT_MS } from './hostile';

/** An input item of which every parameter is `value`. */
function itemWith(value: unknown) {
	const context = {
		getNodeParameter: () => value,
		helpers: { assertBinaryData: () => ({ mimeType: 'a/b', data: '' }) },
	};
	return inputItem(context as unknown as IExecuteFunctions, 0);
}

const READERS: Array<[string, (value: unknown) => unknown]> = [
	['a number', (value) => readNumber(itemWith(value), 'duration', 5, 'a number', () => true)],
	['a switch', (value) => readBoolean(itemWith(value), 'downloadVideo')],
	['a text', (value) => parseText('X', value)],
	['a choice', (value) => readChoice(itemWith(value), 'aspectRatio', ['16:9', '9:16'])],
	['links', (value) => parseLinks('X', value)],
	['names', (value) => parseNames('X', value)],
	['files', (value) => givenFiles(itemWith(value), 'binaryPropertyName')],
	['a bad value in a message', (value) => valueInWords(value)],
];

const text = (read: (text: string) => unknown) => read;
const TEXT_READERS: Array<[string, (text: string) => unknown]> = [
	...READERS,
	['a link', text((it) => parseWebLink('X', it, 'internet'))],
	['a public address', isPublicAddress],
	['the bytes of a data: URL', text((it) => dataUrlBytes('X', it))],
	['a prompt', text((it) => checkPrompt(it, true, IMINI_LIMITS))],
	['characters in a prompt', text((it) => checkCharacters(it, 1, { namesImagesInBrackets: true }))],
	['what is around a text', tidy],
	['the spelling of a text', spelling],
	['the beginning of a text', excerpt],
];

describe.each(READERS)('%s', (_what, read) => {
	it('of any value ends in a value or a failure, which fits in a few lines', () => {
		fc.assert(
			fc.property(anyValue, (value) => {
				const failure = failureOf(() => read(value));
				expect(failure?.message.length ?? 0).toBeLessThan(300);
			}),
			{ numRuns: 200 },
		);
	});
});

describe.each(TEXT_READERS)('%s', (_what, read) => {
	it('of any long text is done in a moment', async () => {
		await fc.assert(
			fc.asyncProperty(hostileText, async (it) => {
				let failure: Failure | undefined;
				await expectCpuBelow(TEXT_MS, () => (failure = failureOf(() => read(it))));
				expect(failure?.message.length ?? 0).toBeLessThan(500);
			}),
			{ numRuns: 25 },
		);
	});

	it.each([
		['a data: URL that lacks its base64 mark', `data:image/png,${'A'.repeat(60_000)}`],
		['data: without a comma', `data:${'A'.repeat(60_000)}`],
		['many types', `data:${';a'.repeat(60_000)}`],
		['a link and blanks', `https://a.example/1.png${' '.repeat(80_000)}`],
		['a link, line breaks and more', `https://a.example/1.png${'\n'.repeat(80_000)}x`],
		['a link and commas in blanks', `https://a.example/1.png${' , '.repeat(80_000)}x`],
		['digits and a letter', `${'1'.repeat(80_000)}x`],
		['digits and a dot', `${'1'.repeat(80_000)}.${'1'.repeat(80_000)}x`],
		['colons', ':'.repeat(200_000)],
		['schemes', 'a'.repeat(200_000) + '://'],
		['brackets', '['.repeat(200_000)],
		['expressions without an end', '{{$'.repeat(800_000)],
		['an expression of dollars', `{{${'$'.repeat(800_000)}`],
		['brackets that close', '['.repeat(100_000) + ']'.repeat(100_000)],
		['a character with a long number', `character${'1'.repeat(80_000)}x`],
		['many users of a host', `https://${'a@'.repeat(60_000)}`],
		['many dots in a host', `https://${'a.'.repeat(60_000)}`],
	])('is done in a moment with %s', async (_case, it) => {
		await expectCpuBelow(TEXT_MS, () => failureOf(() => read(it)));
	});
});

describe('a list', () => {
	it('in itself is a failure', () => {
		const circle: unknown[] = ['https://a.example/1.png'];
		circle.push(circle);
		expect(failureOf(() => parseLinks('Image URL', circle))?.message).toMatch(
			/^Image URL must be a list/,
		);
	});

	it('that is the same in itself many times over is not looked at to its end', async () => {
		let nested: unknown = ['', ''];
		for (let depth = 0; depth < 7; depth += 1) nested = Array.from({ length: 100 }, () => nested);
		await expectCpuBelow(TEXT_MS, () => failureOf(() => parseLinks('X', nested)));
		expect(failureOf(() => parseNames('X', nested))).toBeInstanceOf(Failure);
	});

	it('of a million is a failure', () => {
		const million = Array.from({ length: 1_000_000 }, () => 'a');
		for (const read of [parseLinks, parseNames]) {
			expect(failureOf(() => read('X', million))?.message).toBe(
				'X must be a list of at most 1000, but is a list of 1000000',
			);
		}
		expect(failureOf(() => givenFiles(itemWith(million), 'data'))?.message).toMatch(/at most/);
	});
});
