// The rows of a kill storm, from a list that changes: who reads it again finds rows on top, others gone, and all moved.

import { between, chance } from '../../../tools/chance';
import { imageFile } from '../../../tools/images';
import { serve } from '../../../tools/simulator/http';

/** Rows that are left at least. */
const LEAST_ROWS = 4;

/** Lists of rows, which n8n reads over HTTP. Each address under it is a list of its own, with the same rows at first. */
export interface Rows {
	readonly url: string;
	/** Begins anew: all lists have these prompts. */
	reset(seed: string, prompts: readonly string[]): void;
	/** What a list was each time that it was read: its prompts, in order. */
	readBy(list: string): string[][];
	stop(): Promise<void>;
}

/** @param links where the files are that rows name */
export async function serveRows(links: string): Promise<Rows> {
	const file = (await imageFile('png', 400, 400)).toString('base64');
	const lists = new Map<string, string[][]>();
	let seed = '';
	let first: readonly string[] = [];
	const readBy = (list: string) => lists.get(list) ?? [];

	/** A list as it is the `nth` time, from 0. */
	const promptsOf = (list: string, nth: number): string[] => {
		if (nth === 0) return [...first];
		const roll = (...words: Array<string | number>) => chance(seed, list, nth, ...words);
		const isGone = (row: number) => row >= LEAST_ROWS && roll('gone', row) < 0.2;
		const left = first.filter((_, row) => !isGone(row));
		const moved = left.map((prompt, row) => ({ prompt, at: roll('moved', row) }));
		moved.sort((one, other) => one.at - other.at);
		const added = Array.from({ length: between(roll('added'), 0, 2) }, (_, row) => {
			return `storm ${seed} ${list} ${nth} new ${row}`;
		});
		return [...added, ...moved.map(({ prompt }) => prompt)];
	};
	/** What is not ordered counts the reads. */
	const rowOf = (prompt: string, row: number, nth: number) => {
		const roll = (what: string) => chance(seed, what, prompt);
		const link = `${links}/file/${between(roll('file'), 0, 99)}`;
		return {
			row_number: row + 2,
			read: nth,
			prompt,
			source: roll('source') < 0.5 ? 'binary' : 'url',
			image: `${link}.jpg?expires=${nth}`,
			video: `${link}.mp4?expires=${nth}`,
			inFlight: between(chance(seed, 'in flight'), 2, 12),
			name: `${row} of ${nth}.png`,
			file,
		};
	};
	const { url, stop } = await serve(({ url = '' }, response) => {
		const list = url.slice(1);
		const before = readBy(list);
		const prompts = promptsOf(list, before.length);
		lists.set(list, [...before, prompts]);
		response.setHeader('content-type', 'application/json');
		response.end(JSON.stringify(prompts.map((prompt, row) => rowOf(prompt, row, before.length))));
	});
	return {
		url,
		reset(newSeed, prompts) {
			lists.clear();
			seed = newSeed;
			first = prompts;
		},
		readBy,
		stop,
	};
}
