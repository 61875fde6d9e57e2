// A script: rules that a test lays down in advance, each used a number of times.

/** The part that all rules of a script have. */
export interface Rule<Subject> {
	/** Default: whatever comes. */
	match?: (subject: Subject) => boolean;
	/** How often it is used. Default 1; `Infinity` is allowed. */
	times?: number;
}

/** Rules in the order they are looked at, and how often each was used. */
export class Script<Subject, R extends Rule<Subject>> {
	/** The first that applies wins. Push to it at any time. */
	readonly rules: R[] = [];

	private readonly used = new WeakMap<R, number>();

	/**
	 * The result of the first rule that applies and gives one; that rule is used once more.
	 * @param eligible which rules are looked at
	 * @param resultOf what a rule gives; undefined leaves the subject to the next rule
	 */
	next<T>(
		subject: Subject,
		eligible: (rule: R) => boolean,
		resultOf: (rule: R) => T | undefined,
	): T | undefined {
		for (const rule of this.rules) {
			const used = this.used.get(rule) ?? 0;
			if (used >= (rule.times ?? 1) || !eligible(rule)) continue;
			if (rule.match && !rule.match(subject)) continue;
			const result = resultOf(rule);
			if (result === undefined) continue;
			this.used.set(rule, used + 1);
			return result;
		}
		return undefined;
	}
}
