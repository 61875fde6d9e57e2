// The words of an error are ours: n8n takes words such as "eacces" in a message for an error of its own.
import type { INode } from 'n8n-workflow';
import { NodeOperationError } from 'n8n-workflow';
import { invalidInput } from '../../nodes/HappyHorse/domain/failure';
import { failedItem, runError } from '../../nodes/HappyHorse/output/errorItem';

const node: INode = {
	id: 'n',
	name: 'HappyHorse',
	type: 'n8n-nodes-happyhorse.happyHorse',
	typeVersion: 1,
	position: [0, 0],
	parameters: {},
};

/** What n8n's NodeError looks for in a message, whatever its case: COMMON_ERRORS in n8n-workflow. */
const REPLACED = [
	'ECONNREFUSED',
	'ECONNRESET',
	'ENOTFOUND',
	'ETIMEDOUT',
	'ERRADDRINUSE',
	'EADDRNOTAVAIL',
	'ECONNABORTED',
	'EHOSTUNREACH',
	'EAI_AGAIN',
	'ENOENT',
	'EISDIR',
	'ENOTDIR',
	'EACCES',
	'EEXIST',
	'EPERM',
	'GETADDRINFO',
];

const messages = [
	...REPLACED.flatMap((word) => [
		`It says ${word}`,
		`The image "x${word.toLowerCase()}.png" is bad`,
	]),
	'The image "freeaccess.png" (field "data") is empty',
	'Image URL must be a URL, but is "ftp://www.freeaccess.org/a.png"',
	'The video was not ready (its last status was "etimedout")',
];

it.each(REPLACED)('n8n does replace a message with %s', (word) => {
	expect(new NodeOperationError(node, `It says ${word}`).message).not.toContain(word);
});

it.each(messages)('stay as they are: %s', (message) => {
	const failure = invalidInput(message, 'Use another one.');
	const error = runError(node, [{ item: 3, failure }], 1, { tasks: [], unsure: [] });
	const expected = {
		message,
		description: 'Nothing was ordered for this item. Use another one.',
	};
	expect(error).toMatchObject(expected);
	expect(failedItem({ item: 3, failure }, 1).json.error).toMatchObject(expected);
});

it.each([
	['canceled', 'cancelled'],
	['Canceled', 'Cancelled'],
])('but n8n takes "%s" for a stop of the execution', (word, written) => {
	const failure = invalidInput(`The file "${word}.png" is bad`, `It was ${word}.`);
	const item = { item: 0, failure };
	const error = runError(node, [item, item], 2, { tasks: [], unsure: [] });
	for (const { message, description } of [error, Object(failedItem(item, 2).json.error)]) {
		expect(`${message} ${description}`).not.toContain(word);
		expect(`${message} ${description}`).toContain(written);
	}
});
