// What a refusal and a wait that is over are called: a message says what happened, its description what to do.
import type { Refusal } from '../../nodes/HappyHorse/service/service';
import { denied, pollTimeout, submitRefused } from '../../nodes/HappyHorse/task/messages';
import { PAGES } from './scriptedRun';

const REFUSALS: Record<Refusal, RegExp> = {
	insecure: /certificate/,
	key: /create a new one at/,
	keyOrRegion: /good only where it was created/,
	credits: /Add credits at/,
	quota: /sending again does not help/,
	notAllowed: /what the key may do/,
	notActivated: /Activate it/,
	model: /not every region/,
	redirect: /lead to the service itself/,
	content: /Change the prompt or the image/,
	invalid: /Check the prompt and the images/,
	tooLarge: /Resize/,
	proxy: /HTTPS_PROXY/,
	unsendable: /what this n8n may connect to/,
	between: /firewall/,
	other: /of the credential/,
};

it.each(Object.entries(REFUSALS))(
	'an order refused for %s is told what to do',
	(reason, advice) => {
		const details = { httpStatus: 418 };
		const verdict = { kind: 'refused', reason: reason as Refusal, details } as const;
		const { message, description } = submitRefused(verdict, PAGES);
		expect(description).toMatch(advice);
		expect(`${message}. ${description}`).not.toMatch(/undefined|\[object|\.\./);
	},
);

it.each(Object.keys(REFUSALS))(
	'a question refused for %s names the task, or the list',
	(reason) => {
		const verdict = { kind: 'denied', reason: reason as Refusal, details: {} } as const;
		const task = denied(verdict, PAGES, 'task_1', 'unknown');
		const list = denied(verdict, PAGES);
		expect(task.message).toContain('task_1');
		expect(list.message).toMatch(/list/);
		for (const { description } of [task, list]) expect(description).toContain('Check the API key');
	},
);

it.each([
	[undefined, /was not ready within 1.67 minutes .*no answer about it came/],
	['queued', /was not ready within 1.67 minutes .*its last status was "queued"/],
	['succeeded', /was made, but .* gave no usable link to it within 1.67 minutes/],
])('a wait that is over tells what is known: %s', (status, message) => {
	expect(pollTimeout('task_1', status, 100_000).message).toMatch(message);
});
