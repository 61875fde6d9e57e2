// What a run has cost, in one sentence: for n8n's log, and for the hint beside the output.

/** What a run has ordered, and what it has not had to. */
export interface RunCost {
	readonly videos: number;
	/** Seconds of video that were ordered. */
	readonly seconds: number;
	/** Videos of tasks that an earlier try had paid for. */
	readonly takenOver: number;
	/** Items that were not ordered, since an earlier try may have done so. */
	readonly leftAlone: number;
	/** Seconds that the spending limit still allows; Infinity without one. */
	readonly left: number;
}

function videosOf(count: number): string {
	return count === 1 ? '1 video' : `${count} videos`;
}

/** The sentence, without its full stop; undefined for a run that had nothing to do with orders. */
export function summary(cost: RunCost): string | undefined {
	const { videos, seconds, takenOver, leftAlone, left } = cost;
	const parts = [
		videos > 0 ? `Ordered ${videosOf(videos)}, ${seconds} seconds of video` : '',
		takenOver > 0 ? `${videosOf(takenOver)} taken over from an earlier try (0 seconds)` : '',
		leftAlone > 0 ? `${videosOf(leftAlone)} left alone that may have been ordered before` : '',
	].filter((part) => part !== '');
	if (parts.length === 0) return undefined;
	if (left !== Infinity) parts.push(`${left} seconds left of the Spending Limit`);
	return parts.join('; ');
}
