// Built without paying: a form, an image that becomes a video, a mail, first with Dry Run, then for real.
/* eslint-disable @n8n/community-nodes/no-restricted-imports -- a script: it runs in Node, never in n8n */
import { deepEqual, equal, match, ok } from 'node:assert/strict';
import type { Route } from 'playwright-core';
import { imageFile } from '../../../tools/images';
import { attachmentOf, openMailbox, type Mailbox } from '../../../tools/n8n/mailbox';
import { until } from '../../../tools/n8n/rest';
import { baseNode, chain, chainFrom, itemsOf, type Workflow } from '../../../tools/n8n/workflow';
import { publish, succeed, webhook } from '../runs';
import type { Scenario, World } from '../world';

export const dryRun: Scenario = {
	name: 'dry-run',
	needs: ['chromium'],
	checks: [formToMail, dryByHand, inEditor],
};

/** Form → Image to Video → Send Email. */
async function formWorkflow(
	{ rest, horse }: World,
	{ port }: Mailbox,
	path: string,
	options: Record<string, unknown>,
	isReady: boolean,
): Promise<Workflow> {
	const form = baseNode('Form', 'formTrigger', 2.2, {
		formTitle: 'A video of your photo',
		formFields: {
			values: [
				{ fieldLabel: 'Photo', fieldType: 'file', multipleFiles: false },
				{ fieldLabel: 'What happens' },
			],
		},
		options: { path },
	});
	const smtp = { user: '', password: '', host: '127.0.0.1', port, secure: false };
	const { id, name } = await rest.createCredential(`Mail ${path}`, 'smtp', {
		...smtp,
		disableStartTls: true,
	});
	const video = horse(
		'Video',
		{
			operation: 'imageToVideo',
			imageSource: 'binary',
			binaryPropertyName: 'Photo',
			prompt: "={{ $json['What happens'] }}",
			duration: 3,
			options,
		},
		isReady ? {} : { credentials: {} },
	);
	const mail = baseNode(
		'Mail',
		'emailSend',
		2.1,
		{
			fromEmail: 'n8n@example.com',
			toEmail: 'you@example.com',
			subject: '=Your video, {{ $json.width }} × {{ $json.height }}',
			emailFormat: 'text',
			text: '={{ $json.video_url }}',
			options: { attachments: 'data' },
		},
		{ credentials: { smtp: { id, name } } },
	);
	return chainFrom({ ...form, webhookId: path }, `Form to mail ${path}`, video, mail);
}

/** Fills in the form at `url`, once it is there. */
async function submitForm(url: string): Promise<void> {
	await until(async () => {
		const page = await fetch(url);
		await page.text();
		return page.ok;
	}, `the form at ${url}`);
	const answers = new FormData();
	const photo = await imageFile('jpeg', 900, 1200);
	answers.append('field-0', new Blob([new Uint8Array(photo)], { type: 'image/jpeg' }), 'me.jpg');
	answers.append('field-1', 'She smiles');
	const answer = await fetch(url, { method: 'POST', body: answers });
	ok(answer.ok, `the form was answered ${answer.status}: ${await answer.text()}`);
}

async function nextMail({ mails }: Mailbox, count: number) {
	const mail = await until(() => mails.at(count), 'the mail');
	const attachment = attachmentOf(mail);
	ok(attachment, 'the mail has a file');
	equal(attachment.mimeType, 'video/mp4');
	equal(attachment.content.toString('latin1', 4, 8), 'ftyp');
	return { mail, attachment };
}

async function formToMail(world: World): Promise<void> {
	const mailbox = await openMailbox();
	try {
		await mailsArrive(world, mailbox);
	} finally {
		mailbox.close();
	}
}

async function mailsArrive(world: World, mailbox: Mailbox): Promise<void> {
	const { rest, n8n, simulator } = world;
	// Without a credential for the service: a newcomer has none
	const built = await formWorkflow(world, mailbox, 'dry', { dryRun: true }, false);
	await rest.listen(await rest.createWorkflow(built), 'Form');
	await submitForm(`${n8n.base}/form-test/dry`);
	const sample = await nextMail(mailbox, 0);
	match(sample.mail, /https:\/\/happyhorse\.invalid\//);
	match(sample.attachment.fileName, /^dry_run_.*\.mp4$/);
	ok(sample.attachment.content.length < 12_000);
	equal(simulator.requests.length, 0, 'a dry run asks the service for nothing');

	const real = await rest.createWorkflow(await formWorkflow(world, mailbox, 'real', {}, true));
	await rest.activate(real);
	await submitForm(`${n8n.base}/form/real`);
	const video = await nextMail(mailbox, 1);
	const [task] = simulator.tasks.values();
	equal(task.body.prompt, 'She smiles');
	equal(video.attachment.fileName, `${task.id}.mp4`);
	ok(video.attachment.content.length > 12_000);
	match(video.mail, new RegExp(`${simulator.mediaUrl}/file/`));
}

/** The README's expression: what is run by hand is dry, what a published webhook starts is real. */
async function dryByHand({ rest, n8n, horse, simulator }: World): Promise<void> {
	const video = horse('Video', {
		prompt: 'A horse',
		duration: 3,
		options: { dryRun: "={{ $execution.mode === 'test' }}" },
	});
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

/** In the editor: subtitle, notice and hint say it, the sample plays, and no credential is asked for. */
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
	const panel = editor.at('node-parameters').first();
	await panel.getByText(/With the option Dry Run on, nothing is ordered/).waitFor();
	await editor.execute();
	const shown = editor.at('output-panel');
	await shown.getByText(/Dry Run of 1 video, 5 seconds of video: not ordered/).waitFor();
	await editor.picture('dry-run');
	await editor.showOutput('Binary');
	await shown.getByRole('button', { name: 'View' }).first().waitFor();
	equal(simulator.requests.length, 0);
	await editor.closeNode();
	await editor.page.unroute(CREDENTIALS);
}
