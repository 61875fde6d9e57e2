// No key, no prompt and no image in any text.
import { cleanText } from '../../nodes/HappyHorse/service/redact';

const base64 = Buffer.alloc(300, 7).toString('base64');

it.each<[string, string, string[], string]>([
	['a text without secrets', 'All is well', ['sk-12345'], 'All is well'],
	['a key', 'Key sk-12345 is bad, sk-12345!', ['sk-12345'], 'Key … is bad, …!'],
	['several secrets', 'a sk-12345 b horse ride', ['sk-12345', 'horse ride'], 'a … b …'],
	['a secret with space around it', 'Key sk-12345', [' sk-12345\n'], 'Key …'],
	['a secret that looks like a pattern', 'a.b.c.d. aabacad', ['a.b.c.d.'], '…. aabacad'],
	['one of less than 8 characters is not looked for', 'Task 0 a', ['0', 'a'], 'Task 0 a'],
	['blank secrets', 'a b', ['', ' '], 'a b'],
	[
		'a secret without a letter in it',
		'You sent ?!*?!*?!*, which is …',
		['?!*?!*?!*'],
		'You sent …, which is …',
	],
	['a data: URL', `bad url data:image/png;base64,${base64} here`, [], 'bad url … here'],
	['bare base64', `got ${base64}`, [], 'got …'],
	[
		'an id',
		'request 67e2e394-cf6f-4998-b293-ebf20d14dc26',
		[],
		'request 67e2e394-cf6f-4998-b293-ebf20d14dc26',
	],
	['500 characters', 'x y '.repeat(125).trim(), [], 'x y '.repeat(125).trim()],
	['more than 500', 'x y '.repeat(200), [], `${'x y '.repeat(125)}…`],
])('%s', (_what, text, secrets, clean) => {
	expect(cleanText(text, secrets)).toBe(clean);
});
