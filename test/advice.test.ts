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

it('has a row for each piece of advice', () => {
	const rows = readFileSync(join(ROOT, 'docs/advice.md'), 'utf8').matchAll(/^\| (.+?) +\|/gm);
	const known = [...rows].map(([, told]) => told);
	const paths = readdirSync(NODE, { recursive: true, encoding: 'utf8' });
	const code = paths.filter((path) => path.endsWith('.ts') && !path.startsWith('description'));
	const advice = code.flatMap((path) => adviceIn(readFileSync(join(NODE, path), 'utf8')));
	expect(advice.length).toBeGreaterThan(50);
	expect(advice.filter((one) => !known.some((told) => one.includes(told)))).toEqual([]);
});
