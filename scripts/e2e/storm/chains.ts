// The executions of a kill storm: begun, stopped, killed with their n8n, and retried until nothing changes any more.
/* eslint-disable @n8n/community-nodes/no-restricted-imports -- a script: it runs in Node, never in n8n */
import { setTimeout as pause } from 'node:timers/promises';
import { between, pick } from '../../../tools/chance';
import { errorOf, isRetriable, itemsOf, type Execution } from '../../../tools/n8n/workflow';
import type { RequestKind, Simulator } from '../../../tools/simulator/simulator';
import { startByWebhook } from '../runs';
import type { Target, Victim } from '../victim';
import type { Chain, Death } from './books';
import type { Rows } from './rows';

/** Retries of one execution, at most. */
const RETRIES = 8;

/** Ms after the request at which n8n is killed, at most; ms that it may take to get there. */
const MOST_DELAY_MS = 400;
const PATIENCE_MS = 20_000;

/** Ms until an execution has ended, and until all is decided that was under way when one was stopped. */
const ENDS_MS = 180_000;
const STOPPED_MS = 4000;

/** One round under way. */
export interface Run {
	readonly simulator: Simulator;
	readonly victim: Victim;
	/** Of the webhook. */
	readonly path: string;
	readonly rows: Rows;
	/** Rows of a list at first. */
	readonly size: number;
	readonly deaths: Death[];
	readonly stops: Death[];
	/** All executions that have ended. */
	readonly all: Execution[];
	/** From 0 to 1. */
	roll(this: void, ...words: Array<string | number>): number;
}

/** Starts an execution that reads this list of rows. Returns its id. */
export async function begin({ victim, path, rows }: Run, list: string): Promise<string> {
	const headers = { 'content-type': 'application/json' };
	const body = JSON.stringify({ rows: `${rows.url}/${list}` });
	return await startByWebhook(victim.n8n, path, { method: 'POST', headers, body });
}

/** Waits for some ms after the n-th request of a kind, which the roll of `what` chooses, or for `over`. */
async function reach({ simulator, roll, size }: Run, what: string, over: Promise<unknown>) {
	const kind = pick<RequestKind>(roll(what, 'kind'), [
		[4, 'submit'],
		[3, 'query'],
		[2, 'media'],
	]);
	const nth = between(roll(what, 'nth'), 1, kind === 'query' ? 2 * size : size);
	const end = simulator.ofKind(kind).length + nth;
	const isThere = simulator.waitFor(() => simulator.ofKind(kind).length >= end, PATIENCE_MS);
	// Whichever is first, the other one may still fail
	await Promise.race([isThere, over]).catch(() => {});
	isThere.catch(() => {});
	await pause(between(roll(what, 'delay'), 0, MOST_DELAY_MS));
}

/**
 * Waits for a moment in the work, or for `over`: then n8n is killed all the same, and started again. Notes in `deaths` when
 * that was, if the node died with it.
 */
export async function killDuring(run: Run, what: string, over: Promise<unknown>): Promise<void> {
	const { victim, deaths, roll } = run;
	await reach(run, what, over);
	const target = pick<Target>(roll(what, 'target'), [
		[1, 'workers'],
		[1, 'main'],
		[2, 'all'],
	]);
	const from = Date.now();
	if (await victim.kill(target)) deaths.push({ from, to: Date.now() });
	await victim.revive();
}

/** The end of an execution. */
export async function ended({ victim }: Run, id: string): Promise<Execution> {
	return await victim.n8n.rest.ended(id, ENDS_MS);
}

/** An execution with the same rows that is stopped before the first one begins. */
export async function stoppedBefore(run: Run): Promise<Chain> {
	const { simulator, victim, rows } = run;
	const id = await begin(run, 'beside');
	const over = ended(run, id);
	await reach(run, 'stop', over);
	const from = Date.now();
	await victim.n8n.rest.stop(id).catch(() => {});
	run.all.push(await over);
	// Orders that were open are taken, or not, some time later
	await pause(STOPPED_MS);
	run.stops.push({ from, to: Date.now() });
	const ordered = [...simulator.tasks.values()].map(({ prompt = '' }) => prompt);
	const isWhole = (await over).status === 'success';
	return {
		read: isWhole ? rows.readBy('beside') : [ordered],
		last: isWhole ? promptsIn(await over) : [],
		isRetriable: true,
		isBlocked: false,
	};
}

/** Retries an execution until it has succeeded, or nothing changes any more. `other`: one that is no retry of it. */
export async function broughtHome(
	run: Run,
	list: string,
	firstId: string,
	other = '',
): Promise<Chain> {
	const { simulator, victim, roll, rows, deaths, all } = run;
	const { rest } = victim.n8n;
	let last = await ended(run, firstId);
	all.push(last);
	for (let tries = 0, seen = ''; tries < RETRIES && last.status !== 'success'; tries += 1) {
		// What has met a fault, or a death of n8n, may go well without it
		const faults = simulator.requests.filter(({ fault }) => fault !== undefined).length;
		const state = [errorOf(last)?.message, simulator.tasks.size, faults, deaths.length].join();
		if (state === seen) break;
		seen = state;
		// Sometimes the first one once more: n8n offers that as well
		const isFirst = roll(list, 'from', tries) < 0.2 || !isRetriable(last);
		const from = tries > 0 && isFirst ? firstId : last.id;
		const retry = async () => await rest.retry(from).catch(() => undefined);
		const retrying = retry();
		if (tries < 2 && roll(list, 'again', tries) < 0.25) {
			await killDuring(run, `${list}, kill again ${tries}`, retrying);
		} else if (roll(list, 'double click', tries) < 0.3) {
			const twin = await retry();
			if (twin !== undefined) all.push(await ended(run, twin));
		}
		const newest = async () => (await rest.executions()).find(({ id }) => id !== other)?.id;
		last = await ended(run, (await retrying) ?? (await newest()) ?? from);
		all.push(last);
	}
	// A crashed execution may be retried once more though its videos are there: they are delivered again
	// (unless n8n has found since that it had succeeded)
	const isCrashed = async () => (await rest.execution(firstId)).status === 'crashed';
	if (last.status === 'success' && roll(list, 'once more') < 0.4 && (await isCrashed())) {
		return await broughtHome(run, list, await rest.retry(firstId), other);
	}
	return {
		read: rows.readBy(list),
		last: promptsIn(last),
		isRetriable: [last, await rest.execution(firstId)].some(
			(one) => one.status === 'success' || isRetriable(one),
		),
		isBlocked: /may have been ordered/.test(errorOf(last)?.message ?? ''),
	};
}

/** Prompts of the rows that an execution read, in order; none where n8n was killed in it. */
export function promptsIn(execution: Execution): string[] {
	return itemsOf(execution, 'Rows').map(({ json }) => String(json.prompt));
}
