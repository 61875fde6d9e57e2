// How a set spells a task id: an entry for each of its characters. Who can ask the set about all entries that there may be
// can read the id again, and notices where an entry is lost or one too many.
//
//   KIND DAY    which alphabet the id is of, and when it was spelled
//   :PLACE CHAR the character at a place, from 0
//   :cN DIGIT   a check, so that neither a lost nor a foreign entry makes another id of one
import { fingerprint } from '../util/fingerprint';

/** A kind of task ids: what they begin with, the characters that follow, and how many of those there may be. */
interface Alphabet {
	readonly name: string;
	readonly prefix: string;
	readonly characters: string;
	readonly longest: number;
}

/** From cheap to dear: an id is spelled by the first that fits. */
const ALPHABETS: readonly Alphabet[] = [
	// iMini's: task_2044275355061448704
	{ name: 'i', prefix: 'task_', characters: '0123456789', longest: 30 },
	// A UUID, as Model Studio's
	{ name: 'u', prefix: '', characters: '0123456789abcdef-', longest: 40 },
	{
		name: 't',
		prefix: '',
		characters: '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz-.:',
		longest: 70,
	},
];

/** Days that entries tell apart: one that is so many days older looks young for another two, and old after them. */
const DAYS = 8;

/** A day, in ms. */
export const DAY_MS = 24 * 60 * 60_000;

/** 12 bits that say that an id is whole, and no other one. */
function checkEntries(intent: string, id: string): string[] {
	return [...fingerprint(id).slice(0, 2)].map((one, n) => entry(intent, `c${n}`, one));
}

/** Days since an id was spelled: 0 for today. `now`: ms since 1970. */
function daysSince(day: number, now: number): number {
	return (((Math.floor(now / DAY_MS) - day) % DAYS) + DAYS) % DAYS;
}

function headEntry(intent: string, { name }: Alphabet, day: number): string {
	return `${intent}${name}${day}`;
}

function entry(intent: string, place: number | string, character: string): string {
	return `${intent}:${place}${character}`;
}

/**
 * The entries that spell a task id for an intent: 22 for one of iMini, 39 for a UUID, 73 at most. None for an id that can't
 * be spelled: of other characters, or too long. `at`: when, in ms since 1970.
 */
export function spell(intent: string, id: string, at: number): string[] {
	const alphabet = ALPHABETS.find(({ prefix, characters, longest }) => {
		const rest = id.slice(prefix.length);
		const fits = rest.length >= 1 && rest.length <= longest;
		return fits && id.startsWith(prefix) && [...rest].every((one) => characters.includes(one));
	});
	if (alphabet === undefined) return [];
	return [
		headEntry(intent, alphabet, Math.floor(at / DAY_MS) % DAYS),
		...checkEntries(intent, id),
		...[...id.slice(alphabet.prefix.length)].map((one, place) => entry(intent, place, one)),
	];
}

/** Asks a set which of these entries it has. */
export type Ask = (entries: readonly string[]) => Promise<ReadonlySet<string>>;

/** A task id that was read, and how many days ago it was spelled. */
export interface SpelledId {
	readonly taskId: string;
	readonly daysOld: number;
}

/**
 * Reads the task ids that are spelled for `intents`, all at once, place by place; only those that are `atLeastDaysOld`. An
 * intent without a readable one is missing: n8n was killed while it was written, or while somebody read it.
 */
export async function readTaskIds(
	intents: readonly string[],
	ask: Ask,
	now: number,
	atLeastDaysOld = 0,
): Promise<ReadonlyMap<string, SpelledId>> {
	const possible = intents.flatMap((intent) =>
		ALPHABETS.flatMap((alphabet) =>
			Array.from({ length: DAYS }, (_, day) => {
				const head = headEntry(intent, alphabet, day);
				return { intent, alphabet, head, daysOld: daysSince(day, now), id: alphabet.prefix };
			}),
		),
	);
	const heads = await ask(possible.map(({ head }) => head));
	const begun = possible.filter(({ head }) => heads.has(head));
	const ofIntent = new Map(begun.map((one) => [one.intent, one]));
	// An intent with two heads has two ids, or none
	for (const one of begun) if (ofIntent.get(one.intent) !== one) ofIntent.delete(one.intent);
	const readings = new Set(
		[...ofIntent.values()].filter(({ daysOld }) => daysOld >= atLeastDaysOld),
	);
	let open = [...readings];
	for (let place = 0; open.length > 0; place += 1) {
		const choices = open.map((one) => ({
			one,
			names: [...one.alphabet.characters].map((character) => entry(one.intent, place, character)),
		}));
		const found = await ask(choices.flatMap(({ names }) => names));
		open = choices.flatMap(({ one, names }) => {
			const standing = names.filter((name) => found.has(name));
			if (standing.length > 1) readings.delete(one);
			if (standing.length !== 1 || place >= one.alphabet.longest) return [];
			one.id += standing[0].slice(-1);
			return [one];
		});
	}
	const checks = await ask([...readings].flatMap(({ intent, id }) => checkEntries(intent, id)));
	const whole = [...readings].filter(({ intent, id }) =>
		checkEntries(intent, id).every((check) => checks.has(check)),
	);
	return new Map(whole.map(({ intent, id, daysOld }) => [intent, { taskId: id, daysOld }]));
}
