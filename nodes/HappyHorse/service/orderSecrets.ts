// What no text about an order may quote: the key, the job's own secrets, and what the order was sent with.
import { querySecret } from './secrets';

/** What links are signed with. */
export function signaturesOf(links: ReadonlyArray<{ readonly url: string }>): string[] {
	return links.flatMap(({ url }) => querySecret(url) ?? []);
}

/** What no text may quote, by the list of a job: always the same one, since it is compiled once. */
export class OrderSecrets {
	private readonly all = new WeakMap<readonly string[], readonly string[]>();

	constructor(private readonly key: string) {}

	/** The key, the job's own, and what was added to them. */
	of(secrets: readonly string[]): readonly string[] {
		return this.all.get(secrets) ?? this.add(secrets, []);
	}

	/** Adds what an order is sent with, for its answer and all queries about its task. */
	add(secrets: readonly string[], more: readonly string[]): readonly string[] {
		const all = [this.key, ...secrets, ...more];
		this.all.set(secrets, all);
		return all;
	}
}
