// How a set encodes a task id: an entry for each of its characters. Whoever can ask the set about all entries that there
// may be can decode the id again, and notices where an entry is lost or one too many.
//
//   KIND DAY    which alphabet the id is of, and when it was encoded
//   :PLACE CHAR the character at a place, from 0
//   :cN DIGIT   a check, so that neither a lost nor a foreign entry makes another id of one
import { fingerprint } from '../util/fingerprint';

/** Kinds of task ids: how they begin, and what follows. The first that fits is used, with the fewest characters to ask for. */
const ALPHABETS = [
	// iMini's: task_2044275355061448704
	{ name: 'i', prefix: 'task_', characters: '0123456789' },
	// A UUID, as Model Studio's
	{ name: 'u', prefix: '', characters: '0123456789abcdef-' },
	{
		name: 't',
		prefix: '',
		characters: '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz-.:~@=+',
	},
];

/** Characters that follow the prefix, at most: as many as an id may have that a service tells. */
const LONGEST = 200;

/** Days that entries tell apart: one that is so many days older looks young for another two, and old after them. */
const DAYS = 8;

/** A day, in ms. */
export const DAY_MS = 24 * 60 * 60_000;

/** `at`: ms since 1970. */
function headEntry(intent: string, alphabet: string, at: number): string {
	return `${intent}${alphabet}${Math.floor(at / DAY_MS) % DAYS}`;
}

function entry(intent: string, place: number | string, character: string): string {
	return `${intent}:${place}${character}`;
}

/** 12 bits that say that an id is whole, and no other one. */
function checkEntries(intent: string, id: string): string[] {
	return [...fingerprint(id).slice(0, 2)].map((one, n) => entry(intent, `c${n}`, one));
}

/**
 * The entries that encode a task id for an intent: 22 for one of iMini, 39 for a UUID, 203 at most. None for an id that can't
 * be encoded: of other characters, or too long. `at`: when, in ms since 1970.
 */
export function encodeTaskId(intent: string, id: string, at: number): string[] {
	const alphabet = ALPHABETS.find(({ prefix, characters }) => {
		const rest = id.slice(prefix.length);
		const fits = rest.length >= 1 && rest.length <= LONGEST;
		return fits && id.startsWith(prefix) && [...rest].every((one) => characters.includes(one));
	});
	if (alphabet === undefined) return [];
	return [
		headEntry(intent, alphabet.name, at),
		...checkEntries(intent, id),
		...[...id.slice(alphabet.prefix.length)].map((one, place) => entry(intent, place, one)),
	];
}

/**
 * Decodes the task ids of `intents`, all at once, place by place, and says how many days ago each was encoded; only those
 * that are `atLeastDaysOld`. An intent without a readable one is missing: n8n was killed while it was written, or while
 * somebody read it. `ask`: which of these entries the set has; `now`: ms since 1970.
 */
export async function decodeTaskIds(
	intents: readonly string[],
	ask: (entries: readonly string[]) => Promise<ReadonlySet<string>>,
	now: number,
	atLeastDaysOld = 0,
): Promise<ReadonlyMap<string, { readonly taskId: string; readonly daysOld: number }>> {
	const possible = intents.map((intent) =>
		ALPHABETS.flatMap(({ name, prefix, characters }) =>
			Array.from({ length: DAYS }, (_, daysOld) => {
				const head = headEntry(intent, name, now - daysOld * DAY_MS);
				return { intent, head, daysOld, characters, taskId: prefix };
			}),
		),
	);
	const heads = await ask(possible.flat().map(({ head }) => head));
	let open = possible.flatMap((ofIntent) => {
		const begun = ofIntent.filter(({ head }) => heads.has(head));
		// An intent with two heads has two ids, or none
		return begun.length === 1 && begun[0].daysOld >= atLeastDaysOld ? begun : [];
	});
	const ended: typeof open = [];
	for (let place = 0; open.length > 0; place += 1) {
		const choices = open.map((one) => ({
			one,
			names: [...one.characters].map((character) => entry(one.intent, place, character)),
		}));
		const found = await ask(choices.flatMap(({ names }) => names));
		open = choices.flatMap(({ one, names }) => {
			const standing = names.filter((name) => found.has(name));
			if (standing.length === 0) ended.push(one);
			if (standing.length !== 1) return [];
			one.taskId += standing[0].slice(-1);
			return [one];
		});
	}
	const checks = await ask(ended.flatMap(({ intent, taskId }) => checkEntries(intent, taskId)));
	const whole = ended.filter(({ intent, taskId }) =>
		checkEntries(intent, taskId).every((check) => checks.has(check)),
	);
	return new Map(whole.map((one) => [one.intent, one]));
}
