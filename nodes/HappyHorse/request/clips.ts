// Film → Join Videos, step 1: the clips of all items are looked at, and become the plan of a film.
import type { IExecuteFunctions } from 'n8n-workflow';
import type { FailedItem } from '../domain/failure';
import { Failure, invalidInput } from '../domain/failure';
import { megabytes } from '../domain/limits';
import { INPUT_FIELD } from '../domain/settings';
import type { Source } from '../mp4/copySamples';
import type { JoinedFilm } from '../mp4/join';
import { joinFilms, MOST_CLIPS } from '../mp4/join';
import { isOnDisk } from '../n8n/storedFile';
import { yieldNow } from '../util/clock';
import { shortReasonOf } from '../util/unknown';
import { mustBe, resultOf, RUN_FROM_START } from './badValue';
import type { InputFile, InputItem } from './inputItem';
import { givenFiles, inputItem } from './inputItem';
import { tooMuch, whyNoSound, whyNotJoined } from './misfit';
import { readFileName, readOutputField } from './readSettings';
import { readChoice } from './values';

/** Whether a run is one of Film → Join Videos: by its first item, since all of them become one film. */
export function isFilm(context: IExecuteFunctions): boolean {
	const resource: unknown = context.getNodeParameter('resource', 0, '');
	return typeof resource === 'string' && resource.trim().toLowerCase() === 'film';
}

/** Why there is no film: the items that are at fault. */
export class BadClips extends Error {
	constructor(readonly bad: readonly FailedItem[]) {
		super(bad.map(({ failure }) => failure.message).join('; '));
	}
}

const bad = (item: number, failure: Failure): BadClips => new BadClips([{ item, failure }]);

/** A clip of the film, the input item that it comes from, and its size. */
interface FilmClip extends InputFile {
	readonly item: number;
	readonly bytes: number;
}

/** Bytes of a film, at most: what n8n can stream, and what it holds in memory as a whole. */
const MOST_BYTES = 4 * 1024 ** 3;
const MOST_BYTES_IN_MEMORY = 512 * 1024 ** 2;

/** How the film is to be called, where it goes, and what is heard; all by the first item. */
function readOptions(item: InputItem) {
	readChoice(item, 'operation', ['join'], 'join');
	const sound = item.value('options.soundField');
	const given = givenFiles(item, 'options.soundField');
	if (sound !== undefined && given.length !== 1)
		throw mustBe('Sound Field', 'the name of one binary field', sound);
	return {
		fileName: readFileName(item),
		outputField: readOutputField(item, false),
		sound: given.at(0),
	};
}

/** The clips of one item. @throws Failure */
async function clipsOf(input: InputItem, item: number): Promise<FilmClip[]> {
	const files = givenFiles(input, 'binaryPropertyName', INPUT_FIELD);
	if (files.length === 0) throw mustBe('Input Binary Field', 'the name of a binary field', '');
	const clips: FilmClip[] = [];
	for (const file of files) clips.push({ ...file, item, bytes: await file.size() });
	return clips;
}

/** A file as a source of bytes. @throws BadClips while it is read */
function sourceOf(file: InputFile, item: number, size?: number): Source {
	async function* read(): AsyncGenerator<Uint8Array> {
		try {
			yield* await file.open();
		} catch (error) {
			if (error instanceof Failure) throw bad(item, error);
			const message = `The file ${file.name} could not be read: ${shortReasonOf(error)}`;
			throw bad(item, invalidInput(message, RUN_FROM_START));
		}
	}
	return { size, open: async () => read() };
}

/** @throws BadClips where n8n can't store so much: it writes some files piece by piece, others it holds in memory */
function checkBytes(bytes: number, clips: readonly FilmClip[]): void {
	const isStreamed = clips.every(({ id }) => isOnDisk(id));
	const most = isStreamed ? MOST_BYTES : MOST_BYTES_IN_MEMORY;
	if (bytes <= most) return;
	const message = `The film would have ${megabytes(bytes)}; here it can have at most ${megabytes(most)}`;
	const fix = isStreamed
		? 'Join fewer clips.'
		: 'Join fewer clips, or set N8N_DEFAULT_BINARY_DATA_MODE to filesystem: elsewhere, n8n holds every file as a whole in its memory.';
	throw bad(clips[0].item, invalidInput(message, fix));
}

/** All clips, in their order, and the items that have none. @throws BadClips where that ends the run */
async function readClips(
	inputs: readonly InputItem[],
	stopOnFailure: boolean,
	signal: AbortSignal,
): Promise<{ clips: FilmClip[]; missing: FailedItem[] }> {
	const clips: FilmClip[] = [];
	const missing: FailedItem[] = [];
	for (const [item, input] of inputs.entries()) {
		await yieldNow();
		signal.throwIfAborted();
		const found = await resultOf(async () => await clipsOf(input, item));
		if (found.ok) clips.push(...found.value);
		else missing.push({ item, failure: found.failure });
		if (clips.length > MOST_CLIPS) throw bad(item, tooMuch('clips', MOST_CLIPS));
	}
	if (missing.length > 0 && (stopOnFailure || clips.length === 0)) throw new BadClips(missing);
	return { clips, missing };
}

/** The film, and where each of its clips comes from. */
export interface FilmPlan {
	readonly film: JoinedFilm;
	readonly clips: readonly FilmClip[];
	readonly missing: readonly FailedItem[];
	readonly fileName: string | undefined;
	readonly outputField: string;
}

/**
 * Reads and checks the clips of all items, one after another. Nothing is stored yet.
 * @param stopOnFailure whether an item without a clip is one too many
 * @throws BadClips, also while the film is read; the signal's reason
 */
export async function planFilm(
	context: IExecuteFunctions,
	stopOnFailure: boolean,
	signal: AbortSignal,
): Promise<FilmPlan> {
	const inputs = context.getInputData().map((_, item) => inputItem(context, item));
	const options = await resultOf(() => readOptions(inputs[0]));
	if (!options.ok) throw bad(0, options.failure);
	const { sound, ...names } = options.value;
	const { clips, missing } = await readClips(inputs, stopOnFailure, signal);
	const bytes = clips.reduce((sum, clip) => sum + clip.bytes, 0);
	checkBytes(bytes, clips);
	const sources = clips.map((clip) => sourceOf(clip, clip.item, clip.bytes));
	const voice = sound && sourceOf(sound, 0);
	const film = await joinFilms(sources, voice, { signal, yield: yieldNow });
	if (film.kind === 'tooMuch') throw bad(clips[0].item, tooMuch(film.of, film.max));
	if (film.kind === 'misfit') {
		if (film.clip === 'sound') throw bad(0, whyNoSound(sound?.name ?? '', film.why));
		const clip = clips[film.clip];
		throw bad(clip.item, await whyNotJoined(clip, film.why, (n) => clips[n]));
	}
	checkBytes(film.size, clips);
	return { ...names, film, clips, missing };
}
