// Clips joined into one film, without encoding: their frames as they are, one after another, in a plain MP4 whose index
// comes first. Two passes over each clip: one reads its index, one copies; of their data one clip at a time is in memory.
import type { Scheduler } from './boxes';
import { findBox, parseBoxes, readable, u16, Unreadable } from './boxes';
import type { Source } from './copySamples';
import { inLargePieces, samplesOf } from './copySamples';
import type { Film } from './facts';
import { readFilm, spanOf } from './facts';
import type { Clip } from './layout';
import { layOut } from './layout';
import type { NoSound, SoundFormat } from './sound';
import { readSoundTrack, soundFormatOf } from './sound';
import { writeHead } from './writeIndex';

/** What must be the same in all clips. `settings` and `soundSettings`: what their decoders are told beforehand. */
export type Trait =
	| 'codec'
	| 'size'
	| 'turn'
	| 'pixelAspect'
	| 'settings'
	| 'soundRate'
	| 'soundChannels'
	| 'soundSettings';

/** Why a clip, or the sound track, can't be in the film. */
export type Misfit =
	| NoSound
	/** It has no picture. */
	| { readonly kind: 'soundOnly' }
	/** From the clip of number `from`, which has `there`. */
	| {
			readonly kind: 'differs';
			readonly trait: Trait;
			readonly from: number;
			readonly there: string;
			readonly here: string;
	  }
	/** `edits`: it hides some of its frames; a copy would show them. */
	| {
			readonly kind: 'unsupported';
			readonly what: 'codec' | 'soundCodec' | 'edits';
			readonly found: string;
	  }
	| { readonly kind: 'tooLarge'; readonly maxBytes: number };

/** Why there is no film. */
export type Unjoinable =
	/** `clip`: its number, from 0 on. */
	| { readonly kind: 'misfit'; readonly clip: number | 'sound'; readonly why: Misfit }
	| {
			readonly kind: 'tooMuch';
			readonly of: 'clips' | 'seconds' | 'samples';
			readonly max: number;
	  };

/** A film that is ready to be written. */
export interface JoinedFilm {
	readonly kind: 'joined';
	/** Bytes of the whole file. */
	readonly size: number;
	readonly seconds: number;
	/** As it is shown. */
	readonly width: number;
	readonly height: number;
	/** When each clip begins and how long it is, in seconds. */
	readonly clips: ReadonlyArray<{ readonly start: number; readonly seconds: number }>;
	/**
	 * Its bytes, from the first to the last; the first piece holds the index. May be called again: each time, all clips are
	 * read once more.
	 * @throws FileChanged; the signal's reason; what a source throws
	 */
	open(): AsyncGenerator<Uint8Array, void>;
}

/** Clips of one film, at most. */
export const MOST_CLIPS = 500;

/** A clip is in memory as a whole while it is copied. */
const MOST_CLIP_BYTES = 512 * 1024 * 1024;

/** Of the whole film: less than what 32 bits can count in units of 1/90,000 s. */
const MOST_FILM_SECONDS = 12 * 3600;

/** Frames and packets of sound of the whole film: two hours of 60 frames a second. Its tables have up to 30 MB. */
const MOST_FILM_SAMPLES = 1_000_000;

/** Pictures that can be copied, and the box that tells their decoder what to expect. */
const CONFIGS: Record<string, string> = {
	avc1: 'avcC',
	avc3: 'avcC',
	hvc1: 'hvcC',
	hev1: 'hvcC',
	av01: 'av1C',
	vp09: 'vpcC',
};

const NOTHING = new Uint8Array(0);

/** What the decoder of a clip's picture is told. */
const configOf = ({ picture: { description } }: Film): Uint8Array =>
	findBox(parseBoxes(description.content.subarray(78)), CONFIGS[description.type] ?? '')?.content ??
	NOTHING;

const isSame = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;

/** Baseline, Main, Extended, High: 8 bits a channel, at half the resolution for colours. */
const COMMON_PROFILES = [66, 77, 88, 100];

/**
 * The parameter sets of H.264 in an `avcC` (14496-15, 5.3.3.1), as they stand in a stream; undefined where others may not
 * follow: they need lengths of 4 bytes, and a picture of the common kind.
 * @throws Unreadable
 */
function parameterSets(avcC: Uint8Array): Uint8Array | undefined {
	if ((avcC[4] & 3) !== 3 || !COMMON_PROFILES.includes(avcC[1])) return undefined;
	const sets: Uint8Array[] = [];
	let at = 5;
	for (const mask of [31, 255]) {
		const count = avcC[at] & mask;
		at += 1;
		for (let n = 0; n < count; n++) {
			const length = u16(avcC, at);
			if (at + 2 + length > avcC.length) throw new Unreadable('damaged', 'avcC runs past its end');
			sets.push(Uint8Array.of(0, 0), avcC.subarray(at, at + 2 + length));
			at += 2 + length;
		}
	}
	return Buffer.concat(sets);
}

/** A clip that can be copied. */
interface Candidate {
	readonly film: Film;
	/** What the decoder of its picture is told; the parameter sets in it, if others may come in the middle of a film. */
	readonly config: Uint8Array;
	readonly sets: Uint8Array | undefined;
	readonly format: SoundFormat | undefined;
}

/** What a clip must share with others, as texts that may be shown. */
function traitsOf({ film, config, sets, format }: Candidate): Array<[Trait, string]> {
	const { codec, coded, turn, isMirrored, pixelAspect } = film.facts;
	const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
	const picture: Array<[Trait, string]> = [
		['codec', codec],
		['size', `${coded.width} × ${coded.height}`],
		['turn', `${turn}°${isMirrored ? ', mirrored' : ''}`],
		['pixelAspect', pixelAspect.toFixed(3)],
		['settings', sets ? 'H.264' : hex(config)],
	];
	if (!format) return picture;
	return [
		...picture,
		['soundRate', `${format.rate} Hz`],
		['soundChannels', `${format.channels}`],
		['soundSettings', hex(format.config)],
	];
}

/** What a clip has otherwise than those before it, `seen`; else it is seen, too. */
function difference(
	candidate: Candidate,
	clip: number,
	seen: Map<Trait, { value: string; from: number }>,
): Misfit | undefined {
	for (const [trait, here] of traitsOf(candidate)) {
		const { value: there, from } = seen.get(trait) ?? { value: here, from: clip };
		if (here !== there) return { kind: 'differs', trait, from, there, here };
		seen.set(trait, { value: there, from });
	}
	return undefined;
}

/** @param isSilent whether its sound is not wanted */
async function readClip(
	source: Source,
	isSilent: boolean,
	scheduler: Scheduler,
): Promise<Candidate | Misfit> {
	const film = await readFilm(await source.open(), scheduler, source.size);
	if (film.kind === 'soundOnly') return { kind: 'soundOnly' };
	if (film.kind !== 'film') return film;
	const { size, facts, picture, sound } = film;
	if (size > MOST_CLIP_BYTES) return { kind: 'tooLarge', maxBytes: MOST_CLIP_BYTES };
	if (picture.hasMoreDescriptions || !CONFIGS[facts.codec])
		return { kind: 'unsupported', what: 'codec', found: facts.codec };
	if (spanOf(picture).isCut) return { kind: 'unsupported', what: 'edits', found: 'elst' };
	const config = configOf(film);
	const sets = facts.codec === 'avc1' ? parameterSets(config) : undefined;
	if (!sound || isSilent)
		return { film: { ...film, sound: undefined }, config, sets, format: undefined };
	const format = soundFormatOf(sound);
	return 'kind' in format ? format : { film, config, sets, format };
}

/** The clips with what goes before their key frames: something only if not all of them have the same settings. */
function withPrefixes(candidates: readonly Candidate[]): Clip[] {
	const isMixed = candidates.some(({ config }) => !isSame(config, candidates[0].config));
	return candidates.map(({ film, sets, format }) => {
		const prefix = (isMixed && sets) || NOTHING;
		return { film, format, prefix, span: spanOf(film.picture) };
	});
}

/** All clips, each of which fits those before it. */
async function readClips(
	sources: readonly Source[],
	isSilent: boolean,
	scheduler: Scheduler,
): Promise<Candidate[] | Unjoinable> {
	const candidates: Candidate[] = [];
	const seen = new Map<Trait, { value: string; from: number }>();
	let [seconds, samples] = [0, 0];
	for (const [clip, source] of sources.entries()) {
		const candidate = await readable(readClip(source, isSilent, scheduler));
		if ('kind' in candidate) return { kind: 'misfit', clip, why: candidate };
		const why = difference(candidate, clip, seen);
		if (why) return { kind: 'misfit', clip, why };
		candidates.push(candidate);
		const { facts, picture } = candidate.film;
		seconds += facts.seconds;
		// Sound, too: at most 94 packets a second, of AAC at 96 kHz
		samples += picture.samples.count + Math.ceil(facts.seconds * 94);
		if (seconds > MOST_FILM_SECONDS)
			return { kind: 'tooMuch', of: 'seconds', max: MOST_FILM_SECONDS };
		if (samples > MOST_FILM_SAMPLES)
			return { kind: 'tooMuch', of: 'samples', max: MOST_FILM_SAMPLES };
	}
	return candidates;
}

/**
 * Looks at all clips, one after another, and makes the plan of the film that they are together.
 * @param sources the clips in their order, at least one
 * @param voice a file whose sound takes the place of theirs: M4A, AAC (ADTS) or MP3; it ends with the film, and where it
 * ends sooner the rest is silent
 * @throws the signal's reason; what a source throws. Nothing else, whatever the bytes are.
 */
export async function joinFilms(
	sources: readonly Source[],
	voice: Source | undefined,
	scheduler: Scheduler,
): Promise<JoinedFilm | Unjoinable> {
	if (sources.length > MOST_CLIPS) return { kind: 'tooMuch', of: 'clips', max: MOST_CLIPS };
	const candidates = await readClips(sources, voice !== undefined, scheduler);
	if (!Array.isArray(candidates)) return candidates;
	const sound = voice && (await readable(readSoundTrack(await voice.open(), scheduler)));
	if (sound && 'kind' in sound) return { kind: 'misfit', clip: 'sound', why: sound };
	const clips = withPrefixes(candidates);
	const layout = await layOut(clips, sound, scheduler);
	const [{ film }] = clips;
	const head = await writeHead(film, layout, scheduler);
	const { timeScale, length, starts } = layout;
	const seconds = length / timeScale;
	return {
		kind: 'joined',
		size: head.length + layout.bytes,
		seconds,
		width: film.facts.width,
		height: film.facts.height,
		clips: starts.map((start, n) => ({ start, seconds: (starts[n + 1] ?? seconds) - start })),
		async *open() {
			yield head;
			yield* inLargePieces(samplesOf(layout, clips, sources, sound?.bytes, scheduler), scheduler);
		},
	};
}
