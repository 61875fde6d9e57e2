// Where a dry run meets what is real: tasks that are paid for, and links that lead nowhere.
import { invalidInput } from '../failure';
import type { Order } from '../order';
import type { AcceptedTask } from '../videoTask';
import { DRY_RUN_HOST, DRY_RUN_ID } from '../videoTask';

/** A dry run in place of a video that is paid for would lose it. @throws Failure where an earlier try has a task. */
export function checkDryRun(paid: AcceptedTask | undefined): void {
	if (paid === undefined) return;
	throw invalidInput(
		'Dry Run is on, but an earlier try has ordered the video of this item',
		'Turn Dry Run off, and retry.',
	);
}

/** Nothing that a dry run has made up can be fetched. @throws Failure for such a link in an order. */
export function checkLinks({ images, video }: Order): void {
	const links = [...images, video].flatMap((one) => (one?.kind === 'link' ? [one.url] : []));
	if (links.some((link) => new URL(link).hostname === DRY_RUN_HOST)) {
		throw invalidInput(
			'A link of this order comes from a dry run, and leads nowhere',
			'Turn Dry Run off in the node that the link comes from, or on in this one.',
		);
	}
}

/** No service knows the task of a dry run. @throws Failure for its id. */
export function checkTaskId(id: string): void {
	if (!id.startsWith(DRY_RUN_ID)) return;
	throw invalidInput(
		'Task ID is that of a dry run, so there is no task to look up',
		'Turn Dry Run off in the node that it comes from. While you build with it, leave Wait for Completion on: then the sample comes out at once.',
	);
}
