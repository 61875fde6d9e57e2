// The books of a kill storm: what the service took, what people got, and what they were told.
import type { SimulatedTask, Simulator } from '../../../tools/simulator/simulator';

/**
 * Ms before a death in which an answer may not have been written down yet: such an order "may have been ordered" for a
 * retry, and its id is in the log.
 */
const LAST_WORDS_MS = 500;

/** A death of n8n, in ms since 1970 by the simulator's clock: from the signal to its end. */
export interface Death {
	readonly from: number;
	readonly to: number;
}

/** An execution and its retries. */
export interface Chain {
	/** Prompts of its rows, each time that it read them; of one that was stopped, of what it has ordered. */
	readonly read: ReadonlyArray<readonly string[]>;
	/** Prompts of the rows that its last execution had to bring videos of. */
	readonly last: readonly string[];
	/** Whether n8n has kept what "Retry" needs: see `isRetriable` in tools/n8n/workflow.ts. Where not, every task is to be told. */
	readonly isRetriable: boolean;
	/** The last execution failed since an item may have been ordered: with On Error = stop nothing else goes on. */
	readonly isBlocked: boolean;
}

/** What people can read: outputs and errors of an execution, or n8n's log. */
export interface Told {
	readonly text: string;
	/** Prompts of the rows that its numbers of items may mean, in order. */
	readonly rows: ReadonlyArray<readonly string[]>;
}

/** What is known of a round when it is over. */
export interface Round {
	readonly name: string;
	readonly chains: readonly Chain[];
	/** Ids of the tasks whose videos were delivered, with their files. */
	readonly delivered: ReadonlySet<string>;
	/** Of all executions. */
	readonly told: readonly Told[];
	readonly deaths: readonly Death[];
	/** When an execution was stopped, until all was over that was under way. */
	readonly stops: readonly Death[];
}

/** The figures of a storm, and in `wrong` those that are promised to be none. */
export class Books {
	/** Of all executions: rows to be ordered, tasks, videos that were delivered, and prompts that "may have been ordered". */
	readonly figures = { rows: 0, tasks: 0, deaths: 0, delivered: 0, unsure: 0 };
	/** Answers in an n8n's last moment; rounds with a chain that is blocked; rounds of which n8n kept nothing to retry. */
	readonly rare = { 'late answers': 0, 'blocked rounds': 0, 'rounds without a Retry': 0 };
	readonly wrong = {
		/** Prompts with more tasks that have not failed than there were rows of them. */
		'bought twice': [] as string[],
		/** Tasks that nobody got, and nobody was told of. */
		lost: [] as string[],
		/** Prompts of which more videos are missing than rows that went away. */
		undelivered: [] as string[],
	};

	/** The figures in one line. */
	get summary(): string {
		const line = (counts: object) =>
			Object.entries(counts)
				.map(([what, count]) => `${count} ${what}`)
				.join(', ');
		const wrong = Object.entries(this.wrong).map(([what, list]) => [what, list.length]);
		return [this.figures, Object.fromEntries(wrong), this.rare].map(line).join('; ');
	}

	/** All that is wrong, a line each. */
	get complaints(): string[] {
		return Object.entries(this.wrong).flatMap(([what, list]) =>
			list.map((where) => `${what.toUpperCase()}: ${where}`),
		);
	}

	enter(simulator: Simulator, round: Round): void {
		const { figures, rare, wrong } = this;
		const { name, chains, delivered, told, deaths } = round;
		const unsure = promptsOf(told, unsureItems);
		const inAir = promptsOf(told, itemsInAir);
		const isTold = (id: string) => delivered.has(id) || told.some(({ text }) => text.includes(id));
		const isRetriable = chains.every((chain) => chain.isRetriable);
		const isBlocked = chains.some((chain) => chain.isBlocked);
		figures.deaths += deaths.length;
		if (isBlocked) rare['blocked rounds'] += 1;
		if (!isRetriable) rare['rounds without a Retry'] += 1;
		for (const prompt of new Set(chains.flatMap(({ read }) => read.flat()))) {
			const own = [...simulator.tasks.values()].filter((task) => task.prompt === prompt);
			const where = `round ${name}, ${prompt}: ${own.map(({ id }) => id).join(', ')}`;
			const rowsIn = (prompts: readonly string[]) => prompts.filter((one) => one === prompt).length;
			/** Rows that there ever were, and those that are there. */
			const most = sum(chains.map(({ read }) => Math.max(0, ...read.map(rowsIn))));
			const last = sum(chains.map((chain) => rowsIn(chain.last)));
			const good = own.filter(({ outcome }) => outcome.result !== 'failed');
			const brought = own.filter(({ id }) => delivered.has(id));
			figures.rows += most;
			figures.tasks += own.length;
			figures.delivered += brought.length;
			if (brought.length === 0 && unsure.has(prompt)) figures.unsure += 1;
			if (good.length > most) wrong['bought twice'].push(where);
			const answers = new Map(own.map((task) => [task.id, answerTo(task, simulator, round)]));
			for (const [id, answer] of answers) {
				if (answer === 'late') rare['late answers'] += 1;
				// Where nothing brings such an order back, or an equal one took its place, the log tells of it
				const isInLog = inAir.has(prompt) && (!isRetriable || last < most || brought.length > 0);
				const isKnown = isTold(id) || (answer !== 'whole' && (unsure.has(prompt) || isInLog));
				if (!isKnown) wrong.lost.push(`${where}; ${id}`);
			}
			const missing = good.filter(({ id }) => answers.get(id) === 'whole' && !delivered.has(id));
			if (isRetriable && !isBlocked && missing.length > most - last) wrong.undelivered.push(where);
		}
	}
}

/** Whether the service's answer to an order reached an n8n that had the time to write it down. */
function answerTo(
	{ id }: SimulatedTask,
	simulator: Simulator,
	{ deaths, stops }: Round,
): 'whole' | 'late' | 'cut' {
	const answer = simulator
		.ofKind('submit')
		.filter(({ taskId }) => taskId === id)
		.at(-1);
	const { fault, aborted, endedAt } = answer ?? {};
	if (aborted !== false || endedAt === undefined) return 'cut';
	if (fault !== undefined && fault.kind !== 'slow') return 'cut';
	const isLate = [...deaths, ...stops].some(
		({ from, to }) => endedAt <= to && endedAt > from - LAST_WORDS_MS,
	);
	return isLate ? 'late' : 'whole';
}

/** Items that may have been ordered, as a text says. */
function unsureItems(text: string): string[] {
	const lists = [...text.matchAll(/without a known task ID: ([\d, ]+)/g)].map(([, list]) => list);
	const single = [
		...text.matchAll(/item (\d+)(?: \(the \w+\))?:?(?: may have| The video may have)/gi),
	];
	return [...lists.flatMap((list) => list.split(',')), ...single.map(([, item]) => item)];
}

/** Items whose order went out, as a text says. */
function itemsInAir(text: string): string[] {
	return [...text.matchAll(/item (\d+) is being ordered/g)].map(([, item]) => item);
}

/** The prompts of the items that texts name. */
function promptsOf(told: readonly Told[], items: (text: string) => string[]): ReadonlySet<string> {
	const prompts = told.flatMap(({ text, rows }) =>
		items(text).flatMap((item) => rows.flatMap((list) => list[Number(item)] ?? [])),
	);
	return new Set(prompts);
}

function sum(numbers: readonly number[]): number {
	return numbers.reduce((all, one) => all + one, 0);
}
