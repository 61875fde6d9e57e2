// Rules that a test sets up in advance, each of which applies a number of times.

/** What all rules have. */
export interface Rule<Subject> {
	/** What it applies to. Default: everything. */
	match?: (subject: Subject) => boolean;
	/** How often it applies. Default 1; may be `Infinity`. */
	times?: number;
}

/** A list of rules, which may be added to at any time; the first that applies wins. It knows how often each has been applied. */
export class Script<Subject, R extends Rule<Subject>> extends Array<R> {
	private readonly used = new WeakMap<R, number>();

	/**
	 * The result of the first rule that applies and has one, which counts as applied once more.
	 * @param eligible which rules to consider
	 * @param resultOf the result of a rule; undefined leaves the subject to the next one
	 */
	next<T>(
		subject: Subject,
		eligible: (rule: R) => boolean,
		resultOf: (rule: R) => T | undefined,
	): T | undefined {
		for (const rule of this) {
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
