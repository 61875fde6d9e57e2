// No key, no signature and no file in any text, and one line of it.
import fc from 'fast-check';
import { Redactor } from '../../nodes/HappyHorse/service/redact';

const KEY = 'sk-123456789';
const SIGNATURE = 'lDqHq5lJEYRcNpn3bUqZ7Zb4hAs=';
const base64 = Buffer.alloc(300, 7).toString('base64');
const inBase64 = (text: string) => Buffer.from(text).toString('base64');
const uuid = '67e2e394-cf6f-4998-b293-ebf20d14dc26';

const redactor = new Redactor(KEY);
redactor.add(SIGNATURE);
redactor.addLinks(
	'https://a.example/in.mp4?Expires=300&Signature=ab%2Bcdef0123456789%3D',
	'https://a.example/in.mp4?X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20261130%2Fs3',
	'https://a.example/in.mp4;sig=parameter0123456789#fragment0123456789',
	'https://a.example/in.mp4?response-content-type=a&time=20260427T104320Z&v=202604271043',
	'data:image/png;base64,attachments0123',
);
redactor.add('ABCDEFGHIJKL', 'ABCDEFGHIJKLMNOPQRS');

it.each<[what: string, text: string, shown: string | undefined]>([
	['a text without secrets', 'All is well', 'All is well'],
	['a key', 'Key sk-123456789 is bad, sk-123456789!', 'Key … is bad, …!'],
	['a key inside a word', 'keysk-1234567896is bad', 'key…6is bad'],
	['a key in a link', 'a.example/sk%2D123456789', 'a.example/…'],
	['a key in a link in a link', 'a.example/sk%252d123456789', 'a.example/…'],
	['a key in JSON in JSON', '\\"key\\":\\"sk\\u002d123456789\\"', '\\"key\\":\\"…\\"'],
	['a key in a page', 'sk&#45;123&#x34;56789 is bad', '… is bad'],
	['a key on two lines', 'sk-12\r\n\t3456789', '…'],
	['a key with what nobody sees in it', 'sk-1\u200b23456789', '…'],
	['a key in base64', `Basic ${inBase64('me:sk-123456789')}`, 'Basic bWU6…'],
	['a key in base64, elsewhere', `Basic ${inBase64('I:sk-123456789')}`, 'Basic STp…k='],
	['a key in hexadecimal', Buffer.from(KEY).toString('hex'), '…'],
	['a data: URL', `bad url data:image/png;base64,${base64} here`, 'bad url … here'],
	['bare base64', `got ${base64}`, 'got …'],
	['an id', `request ${uuid}`, `request ${uuid}`],
	['a signature of an upload', `<Signature>${SIGNATURE}</Signature>`, '<Signature>…=</Signature>'],
	['that of an upload in a form', 'S=lDqHq5lJEYRcNpn3bUqZ7Zb4hAs%3D&x', 'S=…%3D&x'],
	['that of an upload on two lines', 'lDqHq5lJE\nYRcNpn3bUqZ7Zb4hAs=', '…='],
	['an ID that a link is signed with', 'No AKIAIOSFODNN7EXAMPLE', 'No …'],
	['that of a link', 'ab%2Bcdef0123456789%3D is bad', '…%3D is bad'],
	['that of a link, decoded', 'ab+cdef0123456789= is bad', '…= is bad'],
	['a parameter of a link', 'no parameter0123456789', 'no …'],
	['a secret that begins as another does', 'no ABCDEFGHIJKLMNOPQRS', 'no …'],
	['the name of a parameter', 'no response content type', 'no response content type'],
	['a time', '2026-04-27T10:43:20Z 2026-04-27 10:43', '2026-04-27T10:43:20Z 2026-04-27 10:43'],
	['a fragment of a link', 'no fragment0123456789', 'no …'],
	['what no link is signed with', 'no attachments0123', 'no attachments0123'],
	[
		'a query',
		'The video https://a.example/1.mp4?a=b is bad',
		'The video https://a.example/1.mp4?… is bad',
	],
	['a query in JSON', '"https:\\/\\/a.example\\/1?a=b"', '"https:\\/\\/a.example\\/1?…"'],
	['a query in a link', 'to=https%3A%2F%2Fa.example%3Fa%3Db', 'to=https%3A%2F%2Fa.example%3F…'],
	['a fragment', 'at https://a.example/1.mp4#a=b', 'at https://a.example/1.mp4#…'],
	['a parameter', 'at https://a.example/1;sig=b/2.mp4', 'at https://a.example/1;…'],
	['a user and a password', 'at https://me:pass@a.example/1', 'at https://…@a.example/1'],
	['line breaks', 'r1)\nHappyHorse: item 7\r\nis', 'r1) HappyHorse: item 7 is'],
	['what steers a terminal', 'a\u001b[2Jb\u0007', 'a [2Jb'],
	['what turns or hides letters', 'a\u202eb\u200bc\u2028d', 'a b c d'],
	['500 characters', 'x y '.repeat(125).trim(), 'x y '.repeat(125).trim()],
	['more than 500', 'x y '.repeat(200), `${'x y '.repeat(125)}…`],
	['a key that the end cuts through', `data:a/b;base64,${'A'.repeat(7979)} ${KEY}`, '…'],
	['nothing', ' \n', undefined],
])('%s', (_what, text, shown) => {
	expect(redactor.shown(text)).toBe(shown);
});

it('a key of less than 8 characters is not looked for', () => {
	expect(new Redactor('0').shown('Error 0: 10 of 0')).toBe('Error 0: 10 of 0');
	expect(new Redactor('0').id('task_0')).toBe('task_0');
});

it('a key that may be a word or a number is looked for as it is written alone', () => {
	expect(new Redactor('happyhorse').link('https://a.example/happy/horse')).toMatch(/happy.horse/);
	expect(new Redactor('12345678').shown('12345678, 1234-5678')).toBe('…, 1234-5678');
});

it('wherever a key stands, it is not shown, nor are control characters', () => {
	const key = 'sk-test-key-of-the-first-account';
	const some = new Redactor(key);
	const text = fc.string({ unit: 'binary', maxLength: 9000 });
	fc.assert(
		fc.property(text, text, (before, after) => {
			const shown = some.shown(before + key + after) ?? '';
			expect(shown).not.toContain(key);
			expect(shown).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
			expect(shown.length).toBeLessThanOrEqual(501);
		}),
	);
});
