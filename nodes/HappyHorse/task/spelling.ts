// How a set spells a text: one entry for each character and its place. Who can ask the set about all entries that there
// may be can read the text again, and notices where one is lost or one too many.
import { fingerprint } from '../fingerprint';

/** A kind of task ids: what they begin with, the characters that follow, and how many of those there may be. */
interface Alphabet {
	readonly name: string;
	readonly prefix: string;
	readonly characters: string;
	readonly lengths: { readonly min: number; readonly max: number };
}

/** From cheap to dear: an id is spelled by the first that fits. */
const ALPHABETS: readonly Alphabet[] = [
	// iMini's: task_2044275355061448704
	{ name: 'i', prefix: 'task_', characters: '0123456789', lengths: { min: 1, max: 30 } },
	// A UUID, as Model Studio's
	{ name: 'u', prefix: '', characters: '0123456789abcdef-', lengths: { min: 1, max: 40 } },
	{
		name: 't',
		prefix: '',
		characters: '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz-.:',
		lengths: { min: 1, max: 70 },
	},
];

/** Digits of a check, so that neither a lost nor a foreign entry makes another id of one. */
const CHECK_CHARACTERS = '0123456789abcdef';
const CHECK_LENGTH = 2;

function checkOf(id: string): string {
	const [high, low] = Buffer.from(fingerprint(id)).subarray(0, CHECK_LENGTH);
	return CHECK_CHARACTERS[high % 16] + CHECK_CHARACTERS[low % 16];
}

function headEntry(intent: string, { name }: Alphabet, length: number): string {
	return `${intent}${name}${length}`;
}

function characterEntry(intent: string, place: number | string, character: string): string {
	return `${intent}:${place}${character}`;
}

/**
 * The entries that spell a task id for an intent: at most 23 for one of iMini, 39 for a UUID, 73 for any. Undefined for
 * an id that can't be spelled: of other characters, or too long.
 */
export function spell(intent: string, id: string): string[] | undefined {
	const alphabet = ALPHABETS.find(({ prefix, characters, lengths }) => {
		const rest = id.slice(prefix.length);
		const fits = rest.length >= lengths.min && rest.length <= lengths.max;
		return fits && id.startsWith(prefix) && [...rest].every((one) => characters.includes(one));
	});
	if (alphabet === undefined) return undefined;
	const rest = id.slice(alphabet.prefix.length);
	return [
		headEntry(intent, alphabet, rest.length),
		...[...checkOf(id)].map((one, at) => characterEntry(intent, `c${at}`, one)),
		...[...rest].map((one, place) => characterEntry(intent, `${place}.`, one)),
	];
}

/** Asks a set which of these entries it has. */
export type Ask = (entries: readonly string[]) => Promise<ReadonlySet<string>>;

/** The one of `characters` that stands at a place; undefined where none does, or more than one. */
function characterAt(
	found: ReadonlySet<string>,
	intent: string,
	place: string,
	characters: string,
): string | undefined {
	const there = [...characters].filter((one) => found.has(characterEntry(intent, place, one)));
	return there.length === 1 ? there[0] : undefined;
}

function heads(intent: string) {
	return ALPHABETS.flatMap((alphabet) => {
		const { min, max } = alphabet.lengths;
		return Array.from({ length: max - min + 1 }, (_, n) => {
			return { alphabet, length: min + n, entry: headEntry(intent, alphabet, min + n) };
		});
	});
}

interface Place {
	readonly name: string;
	readonly characters: string;
}

function placesOf(alphabet: Alphabet, length: number): Place[] {
	const { characters } = alphabet;
	return [
		...Array.from({ length: CHECK_LENGTH }, (_, at) => ({
			name: `c${at}`,
			characters: CHECK_CHARACTERS,
		})),
		...Array.from({ length }, (_, at) => ({ name: `${at}.`, characters })),
	];
}

/**
 * Reads the task ids that are spelled for `intents`, in two questions to the set for all of them. An intent without a
 * readable one is missing.
 */
export async function readSpelled(
	intents: readonly string[],
	ask: Ask,
): Promise<Map<string, string>> {
	const possible = intents.map((intent) => ({ intent, heads: heads(intent) }));
	const begun = await ask(possible.flatMap((one) => one.heads.map(({ entry }) => entry)));
	const spelled = possible.flatMap(({ intent, heads: all }) => {
		const there = all.filter(({ entry }) => begun.has(entry));
		if (there.length !== 1) return [];
		const [{ alphabet, length }] = there;
		return [{ intent, alphabet, places: placesOf(alphabet, length) }];
	});
	const found = await ask(
		spelled.flatMap(({ intent, places }) =>
			places.flatMap(({ name, characters }) =>
				[...characters].map((one) => characterEntry(intent, name, one)),
			),
		),
	);
	const ids = new Map<string, string>();
	for (const { intent, alphabet, places } of spelled) {
		const read = places.map(({ name, characters }) => characterAt(found, intent, name, characters));
		if (read.includes(undefined)) continue;
		const id = alphabet.prefix + read.slice(CHECK_LENGTH).join('');
		if (read.slice(0, CHECK_LENGTH).join('') === checkOf(id)) ids.set(intent, id);
	}
	return ids;
}
