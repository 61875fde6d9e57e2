// How a set spells a text: one entry for each character and its place. Who can ask the set about all entries that there
// may be can read the text again, and notices where one is lost or one too many.
import { fingerprint } from '../util/fingerprint';

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

/** Lengths of what the services' ids have after their prefix: iMini's today and soon, and a UUID. */
const USUAL: Readonly<Record<string, readonly number[]>> = { i: [18, 19, 20], u: [36] };

/** What a spelled id may begin with: the usual heads, which are asked for first, or all others. */
function heads(intent: string, usual: boolean) {
	return ALPHABETS.flatMap((alphabet) => {
		const { min, max } = alphabet.lengths;
		return Array.from({ length: max - min + 1 }, (_, n) => {
			return { intent, alphabet, length: min + n, entry: headEntry(intent, alphabet, min + n) };
		}).filter(({ length }) => (USUAL[alphabet.name]?.includes(length) ?? false) === usual);
	});
}

/** How the ids of `intents` begin, where that is known: in more than one way where a question was left in the set. */
async function headsOf(intents: readonly string[], ask: Ask, usual: boolean) {
	const possible = intents.map((intent) => heads(intent, usual));
	const begun = await ask(possible.flat().map(({ entry }) => entry));
	return possible.flatMap((all) => {
		const there = all.filter(({ entry }) => begun.has(entry));
		return usual || there.length === 1 ? there : [];
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

/** Intents that are read in one go: some 20,000 questions, which are made in a few ms. */
const READ_AT_ONCE = 100;

/** Reads the task ids that are spelled for `intents`. An intent without a readable one is missing. */
export async function readSpelled(
	intents: readonly string[],
	ask: Ask,
): Promise<Map<string, string>> {
	const ids = new Map<string, string>();
	for (let at = 0; at < intents.length; at += READ_AT_ONCE) {
		for (const [intent, id] of await readSome(intents.slice(at, at + READ_AT_ONCE), ask))
			ids.set(intent, id);
	}
	return ids;
}

/**
 * An intent's ids as they may be spelled, with the check of each. A set that is asked holds the questions for a moment:
 * where n8n was killed then, one place may have many characters.
 */
function readings(
	intent: string,
	{ prefix }: Alphabet,
	places: readonly Place[],
	found: ReadonlySet<string>,
): string[] {
	const there = places.map(({ name, characters }) =>
		[...characters].filter((one) => found.has(characterEntry(intent, name, one))),
	);
	const most = there.filter(({ length }) => length !== 1);
	if (most.length > 1) return [];
	const [spoiled = ['']] = most;
	return spoiled.flatMap((one) => {
		const read = there.map((all) => (all === spoiled ? one : all[0]));
		const id = prefix + read.slice(CHECK_LENGTH).join('');
		return read.slice(0, CHECK_LENGTH).join('') === checkOf(id) ? [id] : [];
	});
}

async function readSome(
	intents: readonly string[],
	ask: Ask,
): Promise<Array<readonly [intent: string, id: string]>> {
	const usual = await headsOf(intents, ask, true);
	const known = new Set(usual.map(({ intent }) => intent));
	const others = intents.filter((intent) => !known.has(intent));
	const begun = [...usual, ...(await headsOf(others, ask, false))];
	const spelled = begun.map((head) => ({ ...head, places: placesOf(head.alphabet, head.length) }));
	const found = new Set<string>();
	// Place by place, so that a killed n8n spoils one place of an id at most: the check makes that good
	const length = spelled.reduce((most, { places }) => Math.max(most, places.length), 0);
	for (let at = 0; at < length; at += 1) {
		const asked = spelled.flatMap(({ intent, places }) => {
			const { name, characters } = places[at] ?? { name: '', characters: '' };
			return [...characters].map((one) => characterEntry(intent, name, one));
		});
		for (const entry of await ask(asked)) found.add(entry);
	}
	const ids = new Map<string, Set<string>>();
	for (const { intent, alphabet, places } of spelled) {
		const own = ids.get(intent) ?? new Set();
		for (const id of readings(intent, alphabet, places, found)) own.add(id);
		ids.set(intent, own);
	}
	return [...ids].flatMap(([intent, all]) => {
		const [id] = all;
		return all.size === 1 ? [[intent, id] as const] : [];
	});
}
