// Built without paying: a form, an image that becomes a video, a mail, first with Dry Run, then for real.
/* eslint-disable @n8n/community-nodes/no-restricted-imports -- a script: it runs in Node, never in n8n */
import { deepEqual, equal, match, ok } from 'node:assert/strict';
import type { Route } from 'playwright-core';
import { imageFile } from '../../../tools/images';
import { attachmentOf, openMailbox } from '../../../tools/n8n/mailbox';
import { until } from '../../../tools/n8n/rest';
import {
	baseNode,
	chain,
	chainFrom,
	itemsOf,
	type WorkflowNode,
} from '../../../tools/n8n/workflow';
import { fillIn, form, publish, succeed, webhook } from '../runs';
import type { Scenario, World } from '../world';

export const dryRun: Scenario = {
	name: 'dry-run',
	needs: ['chromium'],
	checks: [formToMail, dryByHand, inEditor],
};

const VIDEO = {
	operation: 'imageToVideo',
	imageSource: 'binary',
	binaryPropertyName: 'Photo',
	prompt: "={{ $json['What happens'] }}",
	duration: 3,
};

/** Form → Image to Video → Send Email. */
async function formToMail({ rest, n8n, horse, simulator }: World): Promise<void> {
	const mailbox = await openMailbox();
	const { port } = mailbox;
	const server = { host: '127.0.0.1', port, secure: false, disableStartTls: true };
	const smtp = await rest.createCredential('Mail', 'smtp', { user: '', password: '', ...server });
	const parameters = {
		fromEmail: 'n8n@example.com',
		toEmail: 'you@example.com',
		subject: '=Your video, {{ $json.width }} × {{ $json.height }}',
		emailFormat: 'text',
		text: '={{ $json.video_url }}',
		options: { attachments: 'data' },
	};
	const mail = baseNode('Mail', 'emailSend', 2.1, parameters, { credentials: { smtp } });
	const workflow = (path: string, video: WorkflowNode) =>
		chainFrom(form(path, ['Photo'], ['What happens']), path, video, mail);
	const photo = new File([new Uint8Array(await imageFile('jpeg', 900, 1200))], 'me.jpg', {
		type: 'image/jpeg',
	});
	/** The mail that comes of the form at `url`. */
	const mailOf = async (url: string) => {
		const { length } = mailbox.mails;
		await fillIn(`${n8n.base}/${url}`, photo, 'She smiles');
		const mail = await until(() => mailbox.mails.at(length), 'the mail');
		const attachment = attachmentOf(mail);
		ok(attachment, 'the mail has a file');
		equal(attachment.mimeType, 'video/mp4');
		equal(attachment.content.toString('latin1', 4, 8), 'ftyp');
		return { mail, ...attachment };
	};
	try {
		// Without a credential for the service: a newcomer has none
		const dry = { ...VIDEO, options: { dryRun: true } };
		const built = workflow('dry', horse('Video', dry, { credentials: {} }));
		await rest.listen(await rest.createWorkflow(built), 'Start');
		const sample = await mailOf('form-test/dry');
		match(sample.mail, /https:\/\/happyhorse\.invalid\//);
		match(sample.fileName, /^dry_run_.*\.mp4$/);
		ok(sample.content.length < 12_000);
		equal(simulator.requests.length, 0, 'a dry run asks the service for nothing');

		await publish(rest, workflow('real', horse('Video', VIDEO)));
		const video = await mailOf('form/real');
		const [task] = simulator.tasks.values();
		equal(task.body.prompt, 'She smiles');
		equal(video.fileName, `${task.id}.mp4`);
		ok(video.content.length > 12_000);
		match(video.mail, new RegExp(`${simulator.mediaUrl}/file/`));
	} finally {
		mailbox.close();
	}
}

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
	const answer = await until(async () => {
		const one = await fetch(`${n8n.base}/webhook/published`, { method: 'POST' });
		return one.status !== 404 && one;
	}, 'the webhook');
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
	await editor.execute();
	await editor.waitForOutput(/Dry Run of 1 video, 5 seconds of video: not ordered/);
	await editor.picture('dry-run');
	await editor.fileInOutput();
	equal(simulator.requests.length, 0);
	await editor.closeNode();
	await editor.page.unroute(CREDENTIALS);
}
