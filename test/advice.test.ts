// Each piece of advice in the node's messages stands in docs/advice.md: followed in real n8n there, or with a reason.
/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals -- a test: it runs in Node, never in n8n */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '..');
const NODE = join(ROOT, 'nodes/HappyHorse');

/** How a sentence begins that tells somebody to do something. */
const TELLS =
	/^(Activate|Add|Ask|Change|Check|Choose|Copy|Correct|Describe|Download|Fetch|Fill|Give|Install|Join|Let|Look|Lower|Name|Open|Order|Press|Put|Raise|Remove|Retry|Run|Save|Set|Shorten|Then|Try|Turn|Upload|Use|Wait|Write) [^|]{7}/;

/** Texts in code. */
const TEXT = /'((?:[^'\\\n]|\\.)+)'|`([^`]+)`/g;

function adviceIn(code: string): string[] {
	const texts = [...code.replace(/^\s*(\/\/|\/?\*).*$/gm, '').matchAll(TEXT)];
	const sentences = texts.flatMap(([, text, template]) =>
		(text ?? template.replace(/\$\{.*?\}/g, '…')).split(/(?<=[.?]) +/),
	);
	return sentences.filter((sentence) => TELLS.test(sentence));
}

const paths = readdirSync(NODE, { recursive: true, encoding: 'utf8' });
const code = paths
	.filter((path) => path.endsWith('.ts') && !path.startsWith('description'))
	.map((path) => readFileSync(join(NODE, path), 'utf8'));

/** Advice, and how the next cell begins: with the nodes of one that is followed there. */
const page = readFileSync(join(ROOT, 'docs/advice.md'), 'utf8');
const rows = [...page.matchAll(/^\| (.+?) +\| (.)/gm)];

it('has a row for each piece of advice', () => {
	const advice = code.flatMap(adviceIn);
	expect(advice.length).toBeGreaterThan(50);
	expect(advice.filter((one) => !rows.some(([, told]) => one.includes(told)))).toEqual([]);
});

it('has no row for what is not said', () => {
	const followed = rows.flatMap(([, told, next]) => (next === '`' ? [told] : []));
	expect(followed.length).toBeGreaterThan(50);
	expect(followed.filter((told) => !code.join('\n').includes(told))).toEqual([]);
});
