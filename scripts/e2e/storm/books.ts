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
	/** Whether n8n has kept what "Retry" needs: see `isRetriable` in tools/n8n/workflow.ts. */
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

/** The figures of a storm. */
export interface Books {
	/** Rows that were to be ordered, of all executions. */
	items: number;
	tasks: number;
	deaths: number;
	/** Videos that were delivered, and prompts without one that may have been ordered, for all that was told. */
	delivered: number;
	unsure: number;
	/** Orders whose answer came in the last moment. */
	lastWords: number;
	/** Rounds that can't end by themselves: see {@link Chain.isBlocked}. */
	blocked: number;
	/** Rounds of which n8n has kept nothing that could be retried: there, every task is to be told. */
	withoutRetry: number;
	/** Prompts with more tasks that have not failed than there were rows of them. */
	readonly boughtTwice: string[];
	/** Tasks that nobody got, and nobody was told of. */
	readonly lost: string[];
	/** Prompts of which more videos are missing than rows that went away. */
	readonly undelivered: string[];
}

export function emptyBooks(): Books {
	const figures = { items: 0, tasks: 0, deaths: 0, delivered: 0, unsure: 0 };
	const rounds = { lastWords: 0, blocked: 0, withoutRetry: 0 };
	return { ...figures, ...rounds, boughtTwice: [], lost: [], undelivered: [] };
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
	const named = told.map(({ text, rows }) => ({ rows, numbers: items(text).map(Number) }));
	return new Set(
		named.flatMap(({ rows, numbers }) =>
			numbers.flatMap((item) => rows.flatMap((prompts) => prompts[item] ?? [])),
		),
	);
}

function sum(numbers: readonly number[]): number {
	return numbers.reduce((all, one) => all + one, 0);
}

/** Writes a round into the books. */
export function enter(books: Books, simulator: Simulator, round: Round): void {
	const { name, chains, delivered, told, deaths, stops } = round;
	const unsure = promptsOf(told, unsureItems);
	const inAir = promptsOf(told, itemsInAir);
	const isTold = (id: string) => delivered.has(id) || told.some(({ text }) => text.includes(id));
	const isRetriable = chains.every((chain) => chain.isRetriable);
	const isBlocked = chains.some((chain) => chain.isBlocked);
	const answers = new Map(simulator.ofKind('submit').map((one) => [one.taskId, one]));
	/** Whether the service's answer reached an n8n that had the time to write it down. */
	const wasAnswered = ({ id }: SimulatedTask): 'whole' | 'late' | 'cut' => {
		const { fault, aborted, endedAt } = answers.get(id) ?? {};
		if (aborted !== false || endedAt === undefined) return 'cut';
		if (fault !== undefined && fault.kind !== 'slow') return 'cut';
		const isLate = [...deaths, ...stops].some(
			({ from, to }) => endedAt <= to && endedAt > from - LAST_WORDS_MS,
		);
		return isLate ? 'late' : 'whole';
	};
	books.deaths += deaths.length;
	if (isBlocked) books.blocked += 1;
	if (!isRetriable) books.withoutRetry += 1;
	for (const prompt of new Set(chains.flatMap(({ read }) => read.flat()))) {
		const own = [...simulator.tasks.values()].filter((task) => task.prompt === prompt);
		const where = `round ${name}, ${prompt}: ${own.map(({ id }) => id).join(', ')}`;
		const rowsIn = (prompts: readonly string[]) => prompts.filter((one) => one === prompt).length;
		/** Rows that there ever were, and those that are there. */
		const most = sum(chains.map(({ read }) => Math.max(0, ...read.map(rowsIn))));
		const last = sum(chains.map((chain) => rowsIn(chain.last)));
		const good = own.filter(({ outcome }) => outcome.result !== 'failed');
		const brought = own.filter(({ id }) => delivered.has(id));
		books.items += most;
		books.tasks += own.length;
		books.delivered += brought.length;
		if (brought.length === 0 && unsure.has(prompt)) books.unsure += 1;
		if (good.length > most) books.boughtTwice.push(where);
		for (const task of own) {
			const answer = wasAnswered(task);
			if (answer === 'late') books.lastWords += 1;
			// Where nothing brings such an order back, or an equal one took its place, the log tells of it
			const isInLog = inAir.has(prompt) && (!isRetriable || last < most || brought.length > 0);
			const isKnown = isTold(task.id) || (answer !== 'whole' && (unsure.has(prompt) || isInLog));
			if (!isKnown) books.lost.push(`${where}; ${task.id}`);
		}
		const missing = good.filter(
			(task) => wasAnswered(task) === 'whole' && !delivered.has(task.id),
		).length;
		if (isRetriable && !isBlocked && missing > most - last) books.undelivered.push(where);
	}
}

/** The figures in short, with those three at the end that are promised to be 0. */
export function summary(books: Books): string {
	const { items, tasks, deaths, boughtTwice, lost, undelivered } = books;
	const promised = `${boughtTwice.length} twice, ${lost.length} lost, ${undelivered.length} undelivered`;
	return `${items} items, ${tasks} tasks, ${deaths} deaths; ${promised}`;
}

/** The figures, in lines. */
export function report(books: Books): string {
	const { lastWords, blocked, withoutRetry, boughtTwice, lost, undelivered } = books;
	return [
		`${books.items} items, ${books.tasks} tasks, ${books.deaths} deaths of n8n`,
		`${books.delivered} videos delivered, ${books.unsure} told as perhaps ordered`,
		`${boughtTwice.length} items bought twice`,
		`${lost.length} tasks lost`,
		`${undelivered.length} items not delivered whose task was told`,
		`(${lastWords} answers came in the last ${LAST_WORDS_MS} ms of an n8n; ${blocked} rounds stopped at an item that may have been ordered; of ${withoutRetry}, n8n kept nothing to retry)`,
		...boughtTwice.map((line) => `BOUGHT TWICE   ${line}`),
		...lost.map((line) => `LOST           ${line}`),
		...undelivered.map((line) => `NOT DELIVERED  ${line}`),
	].join('\n');
}

/** Whether the promises were kept. */
export function isGood({ boughtTwice, lost, undelivered }: Books): boolean {
	return boughtTwice.length + lost.length + undelivered.length === 0;
}
