// Hints beside the output: shown when they help, by n8n's own expressions, and only then.
import type { INodeParameters } from 'n8n-workflow';
import { hints } from '../../nodes/HappyHorse/description';
import { atRunTime, nodeWith, workflowOf } from './editor';

/** The messages of the hints that the editor shows for a node with the stored `parameters`. */
function shown(parameters: INodeParameters): string[] {
	const node = nodeWith(atRunTime(parameters));
	const { expression } = workflowOf(node);
	const holds = (condition = '') =>
		expression.getParameterValue(condition, null, 0, 0, node.name, [], 'manual', {});
	for (const { displayCondition } of hints) expect(typeof holds(displayCondition)).toBe('boolean');
	return hints
		.filter(({ displayCondition }) => holds(displayCondition))
		.map(({ message }) => message);
}

const LINK = [expect.stringMatching(/^Download Video is off: .* about 24 hours/)];
const COLLECT = [expect.stringMatching(/^Wait for Completion is off: .* about 24 hours/)];
const CUT = [expect.stringMatching(/^Of a Chinese prompt, .* first 2500 characters/)];

it.each<[string, INodeParameters, unknown[]]>([
	['as it comes from the nodes panel', {}, []],
	['with a prompt in English, however long', { prompt: 'A horse. '.repeat(500) }, []],
	['with a Chinese prompt of 2500 characters', { prompt: '马'.repeat(2500) }, []],
	['with a longer Chinese prompt', { prompt: '马'.repeat(2501) }, CUT],
	['with a longer one that is Chinese in part', { prompt: `${'a'.repeat(2500)}马` }, CUT],
	['with a longer one from an expression', { prompt: "={{ '马'.repeat(3000) }}" }, CUT],
	['with a prompt that is a number', { prompt: '={{ 5 }}' }, []],
	['without a prompt', { operation: 'imageToVideo' }, []],
	['that does not download', { downloadVideo: false }, LINK],
	['that does not download what it looks up', { resource: 'task', downloadVideo: false }, LINK],
	['that does not wait', { waitForCompletion: false }, COLLECT],
	[
		'that did not download when it still waited',
		{ waitForCompletion: false, downloadVideo: false },
		COLLECT,
	],
])('of a node %s', (_what, parameters, expected) => {
	expect(shown(parameters)).toEqual(expected);
});

it('is short', () => {
	for (const { message } of hints) expect(message.length).toBeLessThanOrEqual(120);
});
