// What came of one attempt to order: the end of it, or why the same order may be sent (again) later.
import type { Failure, Result } from '../failure';
import { failed } from '../failure';
import type { Order } from '../order';
import type { Pages, PreparedOrder, Preparation, SubmitVerdict } from '../service/service';
import type { AcceptedTask } from '../videoTask';
import { imageChanged, submitRefused, videoUnreachable } from './failures';

/**
 * What came of one attempt: the end, or why the same order may be sent (again) later. `held`: nothing was sent, since a
 * pause of the account or the item's deadline has come.
 */
export type Attempted =
	| { readonly kind: 'held' }
	| {
			readonly kind: 'ended';
			readonly result: Result<AcceptedTask>;
			readonly mayBeOrdered: boolean;
	  }
	| Extract<SubmitVerdict, { kind: 'busy' | 'notSent' }>
	| Extract<Preparation, { kind: 'notUploaded' }>;

/** The end of an attempt that has certainly ordered nothing. */
export function notOrdered(failure: Failure): Attempted {
	return { kind: 'ended', result: failed(failure), mayBeOrdered: false };
}

/** Why an order could not be prepared. */
export function unprepared(
	preparation: Exclude<Preparation, PreparedOrder>,
	{ video }: Order,
	pages: Pages,
): Attempted {
	switch (preparation.kind) {
		case 'unreadable':
			return notOrdered(imageChanged());
		case 'unreachable':
			return notOrdered(videoUnreachable(video?.kind === 'file' ? video.name : ''));
		case 'refused':
			return notOrdered(submitRefused(preparation.reason, preparation.details, pages));
		case 'busy':
		case 'notUploaded':
			return preparation;
	}
}
