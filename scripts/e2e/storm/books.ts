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

/** What is known of a round when it is over. */
export interface Round {
	readonly name: string;
	/** The prompts of its items, in order. */
	readonly prompts: readonly string[];
	/** Ids of the tasks whose videos were delivered, with their files. */
	readonly delivered: ReadonlySet<string>;
	/** All that people can read: outputs, errors and custom data of all its executions, and n8n's log. */
	readonly told: string;
	readonly deaths: readonly Death[];
	/** Whether n8n has kept what "Retry" needs: see `isRetriable` in tools/n8n/workflow.ts. */
	readonly isRetriable: boolean;
	/** The last execution failed since an item may have been ordered: with On Error = stop nothing else goes on. */
	readonly isBlocked: boolean;
}

/** The figures of a storm. */
export interface Books {
	items: number;
	tasks: number;
	deaths: number;
	/** Items that have their video, and items that may have been ordered, for all that was told. */
	delivered: number;
	unsure: number;
	/** Items with an order whose answer came in the last moment. */
	lastWords: number;
	/** Rounds that can't end by themselves: see {@link Round.isBlocked}. */
	blocked: number;
	/** Rounds of which n8n has kept nothing that could be retried: there, every task is to be told. */
	withoutRetry: number;
	/** Items with two tasks, though nothing had failed and no answer was lost. */
	readonly boughtTwice: string[];
	/** Tasks that nobody got, and nobody was told of. */
	readonly lost: string[];
	/** Items whose task the service had told, and which were not delivered. */
	readonly undelivered: string[];
}

export function emptyBooks(): Books {
	const figures = { items: 0, tasks: 0, deaths: 0, delivered: 0, unsure: 0 };
	const rounds = { lastWords: 0, blocked: 0, withoutRetry: 0 };
	return { ...figures, ...rounds, boughtTwice: [], lost: [], undelivered: [] };
}

/** Items of which `told` says that they may have been ordered. */
function unsureItems(told: string): ReadonlySet<number> {
	const lists = [...told.matchAll(/without a known task ID: ([\d, ]+)/g)].map(([, list]) => list);
	const single = [
		...told.matchAll(/item (\d+)(?: \(the \w+\))?:?(?: may have| The video may have)/gi),
	];
	const numbers = [...lists.flatMap((list) => list.split(',')), ...single.map(([, item]) => item)];
	return new Set(numbers.map((text) => Number(text.trim())));
}

/** Writes a round into the books. */
export function enter(books: Books, simulator: Simulator, round: Round): void {
	const { name, prompts, delivered, told, deaths } = round;
	const unsure = unsureItems(told);
	/** Where nothing could be retried, the log tells of an order in the air. */
	const isInLog = (item: number) =>
		!round.isRetriable && told.includes(`item ${item} is being ordered`);
	const answers = new Map(simulator.ofKind('submit').map((one) => [one.taskId, one]));
	/** Whether the service's answer reached an n8n that had the time to write it down. */
	const wasAnswered = ({ id }: SimulatedTask): 'whole' | 'late' | 'cut' => {
		const { fault, aborted, endedAt } = answers.get(id) ?? {};
		if (aborted !== false || endedAt === undefined) return 'cut';
		if (fault !== undefined && fault.kind !== 'slow') return 'cut';
		const isLate = deaths.some(({ from, to }) => endedAt <= to && endedAt > from - LAST_WORDS_MS);
		return isLate ? 'late' : 'whole';
	};
	books.items += prompts.length;
	books.deaths += deaths.length;
	if (round.isBlocked) books.blocked += 1;
	if (!round.isRetriable) books.withoutRetry += 1;
	for (const [item, prompt] of prompts.entries()) {
		const where = `round ${name}, item ${item}`;
		const own = [...simulator.tasks.values()].filter((task) => task.prompt === prompt);
		const isUnsure = unsure.has(item);
		books.tasks += own.length;
		for (const task of own.slice(0, -1)) {
			const isFree =
				task.outcome.result === 'failed' || (isUnsure && wasAnswered(task) !== 'whole');
			if (!isFree) books.boughtTwice.push(`${where}: ${own.map(({ id }) => id).join(', ')}`);
		}
		for (const task of own) {
			const answer = wasAnswered(task);
			const isKnown = delivered.has(task.id) || told.includes(task.id);
			if (answer === 'late') books.lastWords += 1;
			const isTold = isKnown || (answer !== 'whole' && (isUnsure || isInLog(item)));
			if (!isTold) books.lost.push(`${where}: ${task.id}`);
		}
		const ids = own.filter((task) => wasAnswered(task) === 'whole');
		const good = ids.filter(({ outcome }) => outcome.result !== 'failed');
		const isDelivered = own.some(({ id }) => delivered.has(id));
		if (isDelivered) books.delivered += 1;
		else if (isUnsure) books.unsure += 1;
		const isOver = !round.isBlocked && round.isRetriable;
		if (good.length > 0 && !isDelivered && isOver)
			books.undelivered.push(`${where}: ${good.map(({ id }) => id).join(', ')}`);
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
		`${books.delivered} items delivered, ${books.unsure} told as perhaps ordered`,
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
