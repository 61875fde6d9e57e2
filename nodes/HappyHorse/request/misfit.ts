// Why a clip can't be in a film, in words: which file it is, what differs, and what to set.
import type { Failure } from '../domain/failure';
import { invalidInput } from '../domain/failure';
import type { Misfit, Trait, Unjoinable } from '../mp4/join';
import { FORMAT_NAME_BYTES } from '../util/fileType';
import type { InputFile } from './inputItem';
import { whyNoFilm } from './video';

const CONVERT = 'convert this one before it comes to n8n, for example with HandBrake or ffmpeg';

const OWN_SOUND = `Give the film a sound of its own with the option Sound Field, or ${CONVERT}.`;

/** What a {@link Trait} is called, and what to do where it differs. */
const TRAITS: Record<Trait, readonly [name: string, fix: string]> = {
	codec: [
		'codec',
		`Use clips of one kind (the videos of this node are H.264, avc1), or ${CONVERT}.`,
	],
	size: [
		'size in pixels',
		`Order all clips with the same Resolution and Aspect Ratio (Image to Video takes the shape of its image, Edit Video that of its video), or ${CONVERT}.`,
	],
	turn: ['turn', `Use clips that were filmed the same way up, or ${CONVERT}.`],
	pixelAspect: ['shape of a pixel', `Use clips of one kind, or ${CONVERT}.`],
	settings: ['kind of encoder settings', `Use clips of one source, or ${CONVERT}, with libx264.`],
	soundRate: ['sample rate of its sound', OWN_SOUND],
	soundChannels: ['number of sound channels', OWN_SOUND],
	soundSettings: ['kind of sound', OWN_SOUND],
};

/** Settings of a decoder are no text to read. */
const UNREADABLE_TRAITS: readonly Trait[] = ['settings', 'soundSettings'];

/** The first bytes of a file: enough to know a format by. */
async function headOf(file: InputFile): Promise<Buffer> {
	let head = Buffer.alloc(0);
	for await (const piece of await file.open()) {
		head = Buffer.concat([head, piece.subarray(0, FORMAT_NAME_BYTES)]);
		if (head.length >= FORMAT_NAME_BYTES) break;
	}
	return head;
}

const megabytes = (bytes: number): string => `${Math.ceil(bytes / 1024 ** 2)} MB`;

/** Why a clip is not in the film. `clipAt`: a clip by its number. */
export async function whyNotJoined(
	file: InputFile,
	why: Misfit,
	clipAt: (clip: number) => { readonly item: number; readonly file: InputFile },
): Promise<Failure> {
	const the = `The video ${file.name}`;
	switch (why.kind) {
		case 'empty':
		case 'notMp4':
		case 'cutOff':
		case 'soundOnly':
			return whyNoFilm(the, why.kind, await headOf(file));
		case 'differs': {
			const [name, fix] = TRAITS[why.trait];
			const other = clipAt(why.from);
			const values = UNREADABLE_TRAITS.includes(why.trait)
				? ''
				: ` (${why.here}, not ${why.there})`;
			const than = `than ${other.file.name} of item ${other.item}`;
			return invalidInput(`${the} has another ${name}${values} ${than}`, fix);
		}
		case 'tooLarge':
			return invalidInput(
				`${the} is larger than ${megabytes(why.maxBytes)}; a clip is in memory while it is copied`,
				'Use a smaller file, or cut it in two before this node.',
			);
		case 'unsupported':
			if (why.what === 'edits') {
				return invalidInput(
					`${the} was cut without being encoded anew, and hides some of its frames; in a film they would be seen`,
					`Use the uncut file, or ${CONVERT}.`,
				);
			}
			return why.what === 'codec'
				? invalidInput(
						`${the} has a picture of a kind that can't be joined: ${why.found}`,
						`Use H.264 or H.265 videos, or ${CONVERT}.`,
					)
				: invalidInput(`${the} has sound of a kind that can't be joined: ${why.found}`, OWN_SOUND);
		default:
			return invalidInput(
				`${the} can't be read${'what' in why ? `: ${why.what}` : ''}`,
				`Fetch the file again, or ${CONVERT}.`,
			);
	}
}

/** Why a sound track is not in the film. `name`: how messages call its file. */
export function whyNoSound(name: string, why: Misfit): Failure {
	const the = `The sound ${name}`;
	const toAac =
		'Use an M4A, AAC or MP3 file. Another kind is converted before it comes to n8n, for example with ffmpeg: -c:a aac sound.m4a.';
	switch (why.kind) {
		case 'empty':
		case 'cutOff':
			return whyNoFilm(the, why.kind);
		case 'tooLarge':
			return invalidInput(
				`${the} is larger than ${megabytes(why.maxBytes)}`,
				'Use a smaller file.',
			);
		case 'noSound':
			return invalidInput(`${the} is a video without sound`, toAac);
		case 'unsupported':
			return invalidInput(`${the} is of a kind that can't be kept as it is: ${why.found}`, toAac);
		default: {
			const damage = 'what' in why ? `, or damaged: ${why.what}` : '';
			return invalidInput(`${the} is not an M4A, AAC or MP3 file${damage}`, toAac);
		}
	}
}

/** Why n8n could not store so large a film. `isStreamed`: it writes files piece by piece. */
export function tooMuch(bytes: number, most: number, isStreamed: boolean): Failure {
	return invalidInput(
		`The film would have ${megabytes(bytes)}; here it can have at most ${megabytes(most)}`,
		isStreamed
			? 'Join fewer clips.'
			: 'Join fewer clips, or set N8N_DEFAULT_BINARY_DATA_MODE to filesystem: elsewhere, n8n holds every file as a whole in its memory.',
	);
}

/** Why no film becomes of so many clips. */
export function tooLong({
	of,
	max,
}: Omit<Extract<Unjoinable, { kind: 'tooMuch' }>, 'kind'>): Failure {
	const most = { clips: `${max} clips`, seconds: `${max / 3600} hours`, samples: `${max} frames` };
	return invalidInput(`A film can have at most ${most[of]}; here are more`, 'Join fewer clips.');
}
