// Rows of the table: a figure of the node, its target, and beside it what the two other ways did.
import { lags, median, most, mostInWindow } from './figures';
import { POLL_SECONDS, type Measured } from './load';

/** One row of the table. */
export interface Row {
	what: string;
	/** The measured figure, in words. */
	figure: string;
	target: string;
	/** Undefined where there is no target: a figure for comparison. */
	met: boolean | undefined;
	/** The same work one item after another, and by hand, in words; empty where that compares to nothing. */
	oneByOne: string;
	byHand: string;
}

/** Measurements of one kind of work: of the node, and of the ways that it is compared to. */
export interface Ways {
	readonly ours: Measured;
	readonly oneByOne?: Measured;
	readonly byHand?: Measured;
}

/** Two digits behind the point below 10, one below 100, none above. */
export function rounded(value: number): string {
	const digits = Math.abs(value) < 10 ? 2 : Math.abs(value) < 100 ? 1 : 0;
	return String(Number(value.toFixed(digits)));
}

/** What `text` makes of the two other ways. */
function others({ oneByOne, byHand }: Ways, text: (measured: Measured) => string) {
	return { oneByOne: oneByOne ? text(oneByOne) : '', byHand: byHand ? text(byHand) : '' };
}

/** A row about a value that must not exceed `limit`, both in `unit`. */
export function limited(
	what: string,
	value: number,
	limit: number,
	unit: string,
	more: Partial<Pick<Row, 'figure' | 'oneByOne' | 'byHand'>> = {},
): Row {
	return {
		what,
		figure: `${rounded(value)} ${unit}`.trim(),
		target: `<= ${rounded(limit)} ${unit}`.trim(),
		met: value <= limit,
		oneByOne: '',
		byHand: '',
		...more,
	};
}

/** What a load is called. */
export function nameOf({ load: { items, inFlight, secondsPerTask } }: Measured): string {
	return `${items} ${items === 1 ? 'item' : 'items'}, ${inFlight} in flight, T = ${secondsPerTask} s`;
}

/** Times per item of the other ways relative to ours, which makes loads of different sizes comparable. */
function times(ways: Ways) {
	const perItem = ({ seconds, load }: Measured) => seconds / load.items;
	return others(ways, (other) => {
		const count = other.load.items === ways.ours.load.items ? '' : `, ${other.load.items} items`;
		return `${rounded(perItem(other) / perItem(ways.ours))}x (${rounded(other.seconds)} s${count})`;
	});
}

/** The time until every item is delivered. */
export function timeRow(ways: Ways, limit: number): Row {
	const { load, delivered, seconds } = ways.ours;
	const row = limited(`${nameOf(ways.ours)}: all out`, seconds, limit, 's', times(ways));
	if (delivered === load.items) return row;
	return { ...row, met: false, figure: `${row.figure}, only ${delivered} delivered` };
}

/** Whether every item is delivered, however long it takes. */
export function deliveredRow(what: string, ways: Ways): Row {
	const { load, delivered, seconds, warnings } = ways.ours;
	return {
		what,
		figure: `${delivered} delivered in ${rounded(seconds)} s`,
		target: `${load.items} delivered`,
		met: delivered === load.items && warnings.length === 0,
		...times(ways),
	};
}

function atOnce({ load }: Measured): number {
	return Math.min(load.items, load.inFlight);
}

/** From done to noticed, also over `more` loads with the same T; beside it, the median and worst of the other ways. */
export function lagRows(ways: Ways, more: readonly Measured[] = []): Row[] {
	const ours = [...more, ways.ours];
	const all = ours.flatMap(({ seen }) => lags(seen));
	const inFlight = ours.map(atOnce);
	const name = `lag with ${inFlight.join(', ')} in flight, T = ${ways.ours.load.secondsPerTask} s`;
	const beside = others(ways, ({ seen }) => {
		const each = lags(seen);
		return `${rounded(median(each))} / ${rounded(most(each))} s`;
	});
	const isFew = most(inFlight) <= 10 * POLL_SECONDS;
	const worst = (isFew ? POLL_SECONDS : most(inFlight) / 10) + 0.5;
	return [
		...(isFew
			? [limited(`${name}: median`, median(all), POLL_SECONDS / 2 + 0.2, 's', beside)]
			: []),
		limited(`${name}: worst`, most(all), worst, 's', beside),
	];
}

/** How often the service was polled, by when queries were sent and by when they arrived. */
export function queryRows(ways: Ways): Row[] {
	const { ours } = ways;
	const { secondsPerTask } = ours.load;
	const name = `queries with ${atOnce(ours)} in flight, T = ${secondsPerTask} s`;
	const sent = ({ sentQueries }: Measured, ms: number) => mostInWindow(sentQueries, ms);
	const arrived = ({ seen }: Measured) => mostInWindow(seen.queries, 1000);
	const inAnySecond = (measured: Measured) => {
		const { refusedQueries } = measured.seen;
		const refused = refusedQueries === 0 ? '' : `, ${refusedQueries} refused as too many`;
		return `${sent(measured, 1000)} sent, ${arrived(measured)} arrived${refused}`;
	};
	const perTask = most(ours.seen.tasks.map((task) => task.queries));
	const inSecond = Math.max(sent(ours, 1000), arrived(ours));
	const rate = limited(`${name}: most in any second`, inSecond, 10, '', {
		figure: inAnySecond(ours),
		...others(ways, inAnySecond),
	});
	const burst = others(ways, (measured) => String(sent(measured, 100)));
	return [
		limited(`${name}: most of one task`, perTask, secondsPerTask / POLL_SECONDS + 2, ''),
		{ ...rate, met: rate.met && ours.seen.refusedQueries === 0 },
		limited(`${name}: most sent in any 0.1 s`, sent(ours, 100), 2, '', burst),
	];
}

/** The peak growth of memory. */
export function memoryRow(name: string, ways: Ways, limit: number): Row {
	const { load, memory } = ways.ours;
	const { rss, heap, external } = memory;
	const figure = `${rounded(rss)} MB (heap ${rounded(heap)}, external ${rounded(external)})`;
	const beside = others(ways, (other) => {
		const count = other.load.items === load.items ? '' : `, ${other.load.items} items`;
		return `${rounded(other.memory.rss)} MB${count}`;
	});
	return limited(`${name}: memory growth`, rss, limit, 'MB', { figure, ...beside });
}

/** How long the event loop was blocked. */
export function loopRow(name: string, ways: Ways, limit: number): Row {
	const text = ({ loop }: Measured) => `${rounded(loop.p99)} (most ${rounded(loop.most)}) ms`;
	const all = { figure: text(ways.ours), ...others(ways, text) };
	return limited(`${name}: event-loop delay p99`, ways.ours.loop.p99, limit, 'ms', all);
}
