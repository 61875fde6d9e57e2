// Rows of the table: a figure of the node, its target, and beside it what the two other ways did.
import { lags, median, most, mostInWindow } from './figures';
import { POLL_SECONDS, type Load, type Measured } from './load';

/** One row of the table. */
export interface Row {
	what: string;
	/** The measured figure, in words. */
	figure: string;
	target: string;
	met: boolean;
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

/** A row about a value that must not exceed `limit`, both in `unit`. */
export function limited(
	what: string,
	value: number,
	limit: number,
	unit: string,
	more: Partial<Row> = {},
): Row {
	const figure = `${rounded(value)} ${unit}`.trim();
	const target = `<= ${rounded(limit)} ${unit}`.trim();
	return { ...counted(what, figure, target, value <= limit), ...more };
}

/** A row about something that has to be there, so many times. */
export function counted(what: string, figure: string, target: string, met: boolean): Row {
	return { what, figure, target, met, oneByOne: '', byHand: '' };
}

/** What `text` makes of the two other ways. */
function others({ oneByOne, byHand }: Ways, text: (measured: Measured) => string) {
	return { oneByOne: oneByOne ? text(oneByOne) : '', byHand: byHand ? text(byHand) : '' };
}

/** What a load is called. */
export function nameOf({ items, inFlight, secondsPerTask }: Load): string {
	return `${items} ${items === 1 ? 'item' : 'items'}, ${inFlight} in flight, T = ${secondsPerTask} s`;
}

/** Whether every item is delivered, within `limit` seconds; beside it, how many times as long the others take for an item. */
export function allOut(what: string, ways: Ways, limit = Infinity): Row {
	const { load, delivered, seconds, warnings } = ways.ours;
	const perItem = (one: Measured) => one.seconds / one.load.items;
	const beside = others(ways, (other) => {
		const count = other.load.items === load.items ? '' : `, ${other.load.items} items`;
		return `${rounded(perItem(other) / perItem(ways.ours))}x (${rounded(other.seconds)} s${count})`;
	});
	const isWhole = delivered === load.items && warnings.length === 0;
	const isTimed = Number.isFinite(limit);
	return {
		what,
		figure: isTimed && isWhole ? `${rounded(seconds)} s` : `${delivered} in ${rounded(seconds)} s`,
		target: isTimed ? `<= ${rounded(limit)} s` : `${load.items} delivered`,
		met: isWhole && seconds <= limit,
		...beside,
	};
}

const atOnce = ({ load: { items, inFlight } }: Measured) => Math.min(items, inFlight);

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
	const middle = limited(`${name}: median`, median(all), POLL_SECONDS / 2 + 0.2, 's', beside);
	return [...(isFew ? [middle] : []), limited(`${name}: worst`, most(all), worst, 's', beside)];
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
	const rate = Math.max(sent(ours, 1000), arrived(ours));
	return [
		limited(`${name}: most of one task`, perTask, secondsPerTask / POLL_SECONDS + 2, ''),
		limited(`${name}: most in any second`, rate, 10, '', {
			figure: inAnySecond(ours),
			met: rate <= 10 && ours.seen.refusedQueries === 0,
			...others(ways, inAnySecond),
		}),
		limited(`${name}: most sent in any 0.1 s`, sent(ours, 100), 2, '', {
			...others(ways, (measured) => String(sent(measured, 100))),
		}),
	];
}

/** The peak growth of memory, in MB, and how long the event loop was blocked, in ms. */
export function burdenRows(name: string, ways: Ways, mostMemory: number, mostDelay: number): Row[] {
	const { load, memory, loop } = ways.ours;
	const delay = (one: Measured) => `${rounded(one.loop.p99)} (most ${rounded(one.loop.most)}) ms`;
	return [
		limited(`${name}: memory growth`, memory, mostMemory, 'MB', {
			...others(ways, (other) => {
				const count = other.load.items === load.items ? '' : `, ${other.load.items} items`;
				return `${rounded(other.memory)} MB${count}`;
			}),
		}),
		limited(`${name}: event-loop delay p99`, loop.p99, mostDelay, 'ms', {
			figure: delay(ways.ours),
			...others(ways, delay),
		}),
	];
}
