// What a newcomer meets in the editor before anything is paid for: a wrong value, a stop, a Retry, pinned output.
/* eslint-disable @n8n/community-nodes/no-restricted-imports -- a script: it runs in Node, never in n8n */
import { equal, match, ok } from 'node:assert/strict';
import { until } from '../../../tools/n8n/rest';
import { baseNode, chain } from '../../../tools/n8n/workflow';
import type { Editor } from '../editor';
import { film } from '../runs';
import type { Scenario, World } from '../world';

export const newcomer: Scenario = {
	name: 'newcomer',
	needs: ['chromium'],
	checks: [typedDuration, stopped, retries, whatOrdersAgain, pinned],
};

/** What is typed arrives at the node's own check, and its words at the panel. */
async function typedDuration({ inEditor, horse, simulator }: World): Promise<void> {
	const { editor } = await inEditor(chain('Typed', horse('Video', { prompt: 'A horse' })), 'Video');
	const input = editor.at('parameter-input-duration').first().locator('input');
	await input.fill('7.5');
	await editor.page.keyboard.press('Tab');
	await editor.settle();
	equal(await input.inputValue(), '7.5', 'what was typed is what stands there');
	await editor.click('node-execute-button');
	await editor.waitForOutput(/must be a whole number of seconds from 3 to 15, but is 7\.5/);
	await editor.picture('typed');
	equal(simulator.ofKind('submit').length, 0, 'nothing is ordered');
}

/** Some of the editor is there in an n8n with a (free) licence only: during `visit` it believes that there is one. */
async function registered({ page }: Editor, visit: () => Promise<void>): Promise<void> {
	await page.route('**/rest/settings', async (route) => {
		const response = await route.fetch();
		const text = await response.text();
		const off = /"(advancedExecutionFilters|debugInEditor)":false/g;
		await route.fulfill({ response, body: text.replace(off, '"$1":true') });
	});
	try {
		await visit();
	} finally {
		// A request that is on its way must not be let go before it is answered
		await page.unrouteAll({ behavior: 'wait' });
	}
}

/** A stop in the editor leaves the task's id with the execution. */
async function stopped(world: World): Promise<void> {
	const { n8n, rest, simulator } = world;
	simulator.outcomes.push({ outcome: { result: 'never' } });
	const { editor, saved } = await world.inEditor(chain('Stopped', film(world)));
	await editor.click('execute-workflow-button');
	await simulator.waitFor((requests) => requests.some(({ kind }) => kind === 'query'));
	await editor.click('stop-execution-button');
	const stop = await until(async () => {
		const [newest] = await rest.executions();
		return newest.status === 'canceled' && newest;
	}, 'the stop');
	const [task] = simulator.tasks.values();
	equal((await rest.execution(stop.id)).customData?.happyhorse_tasks, task.id);
	const [heading, shown] = ['Highlighted data', task.id].map((text) =>
		editor.page.getByText(text).first(),
	);
	await registered(editor, async () => {
		await editor.page.goto(`${n8n.base}/workflow/${saved.id}/executions/${stop.id}`);
		// The list closes again where the execution beside it, loaded late, takes the focus
		await until(async () => {
			await editor.click('execution-preview-ellipsis-button');
			return (await heading.isVisible()) && (await shown.isVisible());
		}, 'the highlighted data');
		await editor.picture('stopped-execution');
	});
}

/** What n8n offers for a failed execution, as the README names it. */
async function retries(world: World): Promise<void> {
	const { n8n, rest, simulator } = world;
	simulator.faults.push({ on: 'submit', fault: { kind: 'status', status: 402 } });
	const { editor, saved } = await world.inEditor(chain('Retries', film(world)));
	const failed = await rest.ended(await rest.run(saved, 'Start'));
	equal(failed.status, 'error');
	await editor.page.goto(`${n8n.base}/workflow/${saved.id}/executions/${failed.id}`);
	await editor.click('execution-preview-retry-button');
	for (const entry of [
		'Retry with currently saved workflow (from node with error)',
		'Retry with original workflow (from node with error)',
	]) {
		await editor.page.getByText(entry).first().waitFor();
	}
	await editor.picture('retry');
	await editor.page.keyboard.press('Escape');
	await registered(editor, async () => {
		await editor.page.reload();
		await editor.page.getByText('Debug in editor').first().click();
		await editor.node('Video').waitFor();
		await editor.click('execute-workflow-button');
		await until(() => simulator.ofKind('submit').length === 2, 'an order by "Debug in editor"');
		await until(() => simulator.ofKind('media').length === 1, 'its video');
	});
}

/** Runs a step from its panel, and waits until its output shows a file. */
async function runForFile(editor: Editor, name: string): Promise<void> {
	await editor.openNode(name);
	await editor.click('node-execute-button');
	await editor.fileInOutput();
}

async function changePrompt(editor: Editor, prompt: string): Promise<void> {
	await editor.openNode('Video');
	await editor.at('parameter-input-prompt').first().locator('textarea').fill(prompt);
	await editor.settle();
	await editor.closeNode();
}

/** Running the step behind the node: with nothing changed it orders nothing, after a change it does. */
async function whatOrdersAgain(world: World): Promise<void> {
	const { simulator } = world;
	const behind = baseNode('Behind', 'noOp', 1);
	const { editor } = await world.inEditor(chain('Behind', film(world), behind));
	await runForFile(editor, 'Video');
	// Output with a file can't be pinned
	ok(!(await editor.canPin()), 'a file can be pinned');
	await editor.closeNode();
	await runForFile(editor, 'Behind');
	equal(simulator.ofKind('submit').length, 1, 'with nothing changed');
	await editor.closeNode();
	await changePrompt(editor, 'A horsf');
	await editor.openNode('Behind');
	await editor.click('node-execute-button');
	await until(() => simulator.ofKind('submit').length === 2, 'the second order');
	await until(() => simulator.ofKind('media').length === 2, 'the second video');
	await editor.closeNode();
}

/** The README's way to build without paying: Download Video off, pin, Task → Get for the file. */
async function pinned(world: World): Promise<void> {
	const { horse, simulator } = world;
	const get = { resource: 'task', operation: 'get', taskId: '={{ $json.task_id }}' };
	const workflow = chain('Pinned', film(world, { downloadVideo: false }), horse('File', get));
	const { editor } = await world.inEditor(workflow, 'Video');
	await editor.click('node-execute-button');
	await editor.waitForOutput(/task_\d{19}/);
	ok(await editor.canPin(), 'a link can be pinned');
	await editor.click('ndv-pin-data');
	await editor.picture('pinned');
	await editor.closeNode();
	await changePrompt(editor, 'A horsf');
	await runForFile(editor, 'File');
	await editor.picture('pinned-file');
	equal(simulator.ofKind('submit').length, 1, 'pinned output orders nothing');
	match(simulator.ofKind('media')[0].path, /\.mp4$/);
	await editor.closeNode();
}
