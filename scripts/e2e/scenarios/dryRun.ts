// Built without paying: dry by hand and real when published, and without a credential in the editor.
/* eslint-disable @n8n/community-nodes/no-restricted-imports -- a script: it runs in Node, never in n8n */
import { deepEqual, equal, match } from 'node:assert/strict';
import type { Route } from 'playwright-core';
import { chain, chainFrom, itemsOf } from '../../../tools/n8n/workflow';
import { callWebhook, publish, succeed, webhook } from '../runs';
import type { Scenario, World } from '../world';

export const dryRun: Scenario = {
	name: 'dry-run',
	needs: ['chromium'],
	checks: [dryByHand, inEditor],
};

/** The README's expression: what is run by hand is dry, what a published webhook starts is real. */
async function dryByHand({ rest, n8n, horse, simulator }: World): Promise<void> {
	const options = { dryRun: "={{ $execution.mode === 'test' }}" };
	const video = horse('Video', { prompt: 'A horse', duration: 3, options });
	const byHand = await succeed({ rest }, chain('By hand', video));
	const [{ json, binary }] = itemsOf(byHand, 'Video');
	deepEqual([json.dry_run, json.status], [true, 'dry_run']);
	equal(binary.data.mimeType, 'video/mp4');
	equal(simulator.requests.length, 0);

	const hook = webhook('published', { httpMethod: 'POST', responseMode: 'lastNode', options: {} });
	await publish(rest, chainFrom(hook, 'Published', video));
	const answer = await callWebhook(n8n.base, 'published', { method: 'POST' });
	match(await answer.text(), /"status":"succeeded"/);
	equal(simulator.tasks.size, 1);
}

/** The list of credentials that the editor asks for. */
const CREDENTIALS = /\/rest\/credentials(\?|\/for-workflow|$)/;

/** In the editor: subtitle and hint say it, the sample plays, and no credential is asked for. */
async function inEditor(world: World): Promise<void> {
	const { simulator } = world;
	const parameters = { prompt: 'A horse', options: { dryRun: true } };
	const video = world.horse('Video', parameters, { credentials: {} });
	const editor = await world.openEditor();
	// The editor chooses the only credential by itself: here it believes that there is none
	const none = async (route: Route) => await route.fulfill({ json: { data: [] } });
	await editor.page.route(CREDENTIALS, none);
	await world.inEditor(chain('Dry run', video));
	await editor.node('Video').getByText('text to video (dry run)').waitFor();
	await editor.openNode('Video');
	await editor.click('node-execute-button');
	await editor.waitForOutput(/Dry Run of 1 video, 5 seconds of video: not ordered/);
	await editor.picture('dry-run');
	await editor.fileInOutput();
	equal(simulator.requests.length, 0);
	await editor.closeNode();
	await editor.page.unrouteAll({ behavior: 'wait' });
}
