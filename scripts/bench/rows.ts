// Rows that several scenarios share: time beside the two other ways, lag, queries, memory, event loop.
import { lags,median,most,mostInWindow,secondsPerItem } from './figures';
import { POLL_SECONDS,type Measured } from './load';
import { limited,rounded,type Row } from './scenario';

/** Another way's time per item relative to ours; says so where it did fewer items. */
export function beside(ours: Measured, other: Measured): string {
	const times = secondsPerItem(other) / secondsPerItem(ours);
	const count = other.load.items === ours.load.items ? '' : `, ${other.load.items} items`;
	return `${rounded(times)}x (${rounded(other.seconds)} s${count})`;
}

/** The time until every item is delivered. */
export function timeRow(
	ours: Measured,
	limit: number,
	oneByOne?: Measured,
	byHand?: Measured,
): Row {
	const { load, delivered, seconds } = ours;
	const row = limited(
		`${load.items} ${load.items === 1 ? 'item' : 'items'}, ${load.inFlight} in flight, T = ${load.secondsPerTask} s: all out`,
		seconds,
		limit,
		's',
		{
			oneByOne: oneByOne ? beside(ours, oneByOne) : '',
			byHand: byHand ? beside(ours, byHand) : '',
		},
	);
	if (delivered === load.items) return row;
	return { ...row, met: false, figure: `${row.figure}, only ${delivered} delivered` };
}

function lagText(measured: Measured | undefined): string {
	if (measured === undefined) return '';
	const all = lags(measured.seen);
	return `${rounded(median(all))} / ${rounded(most(all))} s`;
}

function atOnce({ load }: Measured): number {
	return Math.min(load.items, load.inFlight);
}

/** From done to noticed, over loads with the same T; beside it, the median and worst of the other ways. */
export function lagRows(ours: readonly Measured[], oneByOne?: Measured, byHand?: Measured): Row[] {
	const all = ours.flatMap(({ seen }) => lags(seen));
	const inFlight = ours.map(atOnce);
	const name = `lag with ${inFlight.join(', ')} in flight, T = ${ours[0].load.secondsPerTask} s`;
	const others = { oneByOne: lagText(oneByOne), byHand: lagText(byHand) };
	if (most(inFlight) <= 10 * POLL_SECONDS) {
		return [
			limited(`${name}: median`, median(all), POLL_SECONDS / 2 + 0.2, 's', others),
			limited(`${name}: worst`, most(all), POLL_SECONDS + 0.5, 's', others),
		];
	}
	return [limited(`${name}: worst`, most(all), most(inFlight) / 10 + 0.5, 's', others)];
}

/** How often the service was polled, by when queries were sent and by when they arrived. */
export function queryRows(ours: Measured, oneByOne?: Measured, byHand?: Measured): Row[] {
	const { secondsPerTask } = ours.load;
	const name = `queries with ${atOnce(ours)} in flight, T = ${secondsPerTask} s`;
	const counts = ({ sentQueries, seen }: Measured, ms: number) => ({
		sent: mostInWindow(sentQueries, ms),
		arrived: mostInWindow(seen.queries, ms),
	});
	const inAnySecond = (measured: Measured) => {
		const { sent, arrived } = counts(measured, 1000);
		const { refusedQueries } = measured.seen;
		const refused = refusedQueries === 0 ? '' : `, ${refusedQueries} refused as too many`;
		return `${sent} sent, ${arrived} arrived${refused}`;
	};
	const { sent, arrived } = counts(ours, 1000);
	const perTask = most(ours.seen.tasks.map((task) => task.queries));
	const rate = limited(`${name}: most in any second`, Math.max(sent, arrived), 10, '', {
		figure: inAnySecond(ours),
		oneByOne: oneByOne && inAnySecond(oneByOne),
		byHand: byHand && inAnySecond(byHand),
	});
	return [
		limited(`${name}: most of one task`, perTask, secondsPerTask / POLL_SECONDS + 2, ''),
		{ ...rate, met: rate.met && ours.seen.refusedQueries === 0 },
		limited(`${name}: most sent in any 0.1 s`, counts(ours, 100).sent, 2, '', {
			oneByOne: oneByOne && String(counts(oneByOne, 100).sent),
			byHand: byHand && String(counts(byHand, 100).sent),
		}),
	];
}

/** The peak growth of memory. */
export function memoryRow(
	name: string,
	ours: Measured,
	limit: number,
	oneByOne?: Measured,
	byHand?: Measured,
): Row {
	const text = (measured?: Measured) =>
		measured === undefined
			? ''
			: `${rounded(measured.memory.rss)} MB${measured.load.items === ours.load.items ? '' : `, ${measured.load.items} items`}`;
	const { rss, heap, external } = ours.memory;
	return limited(`${name}: memory growth`, rss, limit, 'MB', {
		figure: `${rounded(rss)} MB (heap ${rounded(heap)}, external ${rounded(external)})`,
		oneByOne: text(oneByOne),
		byHand: text(byHand),
	});
}

/** How long the event loop was blocked. */
export function loopRow(
	name: string,
	ours: Measured,
	limit: number,
	oneByOne?: Measured,
	byHand?: Measured,
): Row {
	const text = (measured?: Measured) =>
		measured === undefined
			? ''
			: `${rounded(measured.loop.p99)} (most ${rounded(measured.loop.most)}) ms`;
	return limited(`${name}: event-loop delay p99`, ours.loop.p99, limit, 'ms', {
		figure: text(ours),
		oneByOne: text(oneByOne),
		byHand: text(byHand),
	});
}
