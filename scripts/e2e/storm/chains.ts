// The executions of a kill storm: begun, stopped, killed with their n8n, and retried until nothing changes any more.
/* eslint-disable @n8n/community-nodes/no-restricted-imports -- a script: it runs in Node, never in n8n */
import { setTimeout as pause } from 'node:timers/promises';
import { between, pick } from '../../../tools/chance';
import { errorOf, isRetriable, itemsOf, type Execution } from '../../../tools/n8n/workflow';
import type { RequestKind, Simulator } from '../../../tools/simulator/simulator';
import { startByWebhook } from '../runs';
import type { World } from '../world';
import type { Chain, Death } from './books';
import type { Rows } from './rows';
import type { Victim } from './victim';

/** Retries of one execution, at most. */
const RETRIES = 4;

/** Ms after the request at which n8n is killed, at most; ms that it may take to get there. */
const MOST_DELAY_MS = 400;
const PATIENCE_MS = 20_000;

/** Ms until an execution has ended, and until all is decided that was under way when one was stopped. */
const ENDS_MS = 180_000;
const STOPPED_MS = 1500;

export interface StormyWorld extends World {
	readonly victim: Victim;
}

export type OnError = 'stopWorkflow' | 'continueErrorOutput';

/** What a round runs: n8n evaluates no expression in the operation of a node, so each has a workflow of its own. */
export interface Plan {
	readonly operation: string;
	readonly onError: OnError;
}

/** One round under way. */
export interface Run {
	readonly world: StormyWorld;
	readonly plan: Plan;
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

/** The path of the webhook of a plan. */
export function pathOf({ operation, onError }: Plan): string {
	return `storm-${operation}-${onError}`;
}

/** Starts an execution that reads this list of rows. Returns its id. */
export async function begin({ world, plan, rows }: Run, list: string): Promise<string> {
	const path = pathOf(plan);
	const headers = { 'content-type': 'application/json' };
	const body = JSON.stringify({ rows: `${rows.url}/${list}` });
	return await startByWebhook(world.n8n, path, { method: 'POST', headers, body });
}

/** Where n8n is killed: some ms after the n-th request of a kind. */
export interface Moment {
	readonly kind: RequestKind;
	readonly nth: number;
	readonly delayMs: number;
	/** From 0 to 1: what is killed, where there is a choice. */
	readonly target: number;
}

/** A moment in the work on so many rows. */
export function momentOf(roll: (what: string) => number, items: number): Moment {
	const kind = pick<RequestKind>(roll('kind'), [
		[4, 'submit'],
		[3, 'query'],
		[2, 'media'],
	]);
	const most = kind === 'query' ? 2 * items : items;
	const delayMs = between(roll('delay'), 0, MOST_DELAY_MS);
	return { kind, nth: between(roll('nth'), 1, most), delayMs, target: roll('target') };
}

/** Waits for a moment, or for `over`. */
async function reach(
	simulator: Simulator,
	{ kind, nth, delayMs }: Moment,
	over: Promise<unknown>,
): Promise<void> {
	const seenBefore = simulator.ofKind(kind).length;
	const isThere = simulator.waitFor(
		() => simulator.ofKind(kind).length >= seenBefore + nth,
		PATIENCE_MS,
	);
	await Promise.race([isThere, over]).catch(() => {});
	// Whichever was first, the other one may still fail
	isThere.catch(() => {});
	await pause(delayMs);
}

/**
 * Waits for the moment, or for `over`: then n8n is killed all the same, and started again. Notes in `deaths` when that
 * was, if the node died with it.
 */
export async function killAt(
	{ simulator, victim }: StormyWorld,
	moment: Moment,
	over: Promise<unknown>,
	deaths: Death[],
): Promise<void> {
	await reach(simulator, moment, over);
	const from = Date.now();
	if (await victim.kill(moment.target)) deaths.push({ from, to: Date.now() });
	await victim.revive();
}

/** The end of an execution. */
export async function ended({ world: { rest } }: Run, id: string): Promise<Execution> {
	return await rest.ended(id, ENDS_MS);
}

/** An execution with the same rows that is stopped before the first one begins. */
export async function stoppedBefore(run: Run): Promise<Chain> {
	const { world, rows, roll, size } = run;
	const { rest, simulator } = world;
	const id = await begin(run, 'beside');
	const over = ended(run, id);
	await reach(
		simulator,
		momentOf((what) => roll('stop', what), size),
		over,
	);
	const from = Date.now();
	await rest.stop(id).catch(() => {});
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
	const { world, roll, rows, deaths, size, all } = run;
	const { simulator, rest } = world;
	let last = await ended(run, firstId);
	const first = last;
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
			const again = momentOf((what) => roll(list, 'kill again', tries, what), size);
			await killAt(world, again, retrying, deaths);
		} else if (roll(list, 'double click', tries) < 0.3) {
			const twin = await retry();
			if (twin !== undefined) all.push(await ended(run, twin));
		}
		const newest = async () => (await rest.executions()).find(({ id }) => id !== other)?.id;
		last = await ended(run, (await retrying) ?? (await newest()) ?? from);
		all.push(last);
	}
	// A crashed execution may be retried once more though its videos are there: they are delivered again
	if (last.status === 'success' && first.status === 'crashed' && roll(list, 'once more') < 0.4) {
		last = await ended(run, await rest.retry(firstId));
		all.push(last);
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
