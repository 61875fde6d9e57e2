// Why a clip can't be in a film, in words: which file it is, what differs, and what to set.
import type { Failure } from '../domain/failure';
import { invalidInput } from '../domain/failure';
import type { Misfit, Trait } from '../mp4/join';
import { FORMAT_NAME_BYTES } from '../util/fileType';
import { readWhole } from '../util/readWhole';
import { tooLarge } from './badValue';
import type { InputFile } from './inputItem';
import { CONVERT, whyNoFilm } from './video';

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

/** Why a clip is not in the film. `clipAt`: a clip by its number. */
export async function whyNotJoined(
	file: InputFile,
	why: Misfit,
	clipAt: (clip: number) => { readonly item: number; readonly name: string },
): Promise<Failure> {
	const the = `The video ${file.name}`;
	switch (why.kind) {
		case 'empty':
		case 'notMp4':
		case 'cutOff':
		case 'soundOnly':
			return whyNoFilm(the, why.kind, await readWhole(await file.open(), FORMAT_NAME_BYTES));
		case 'differs': {
			const { trait, from, here, there } = why;
			const [name, fix] = TRAITS[trait];
			const other = clipAt(from);
			// Settings of a decoder are no text to read
			const values = /settings/i.test(trait) ? '' : ` (${here}, not ${there})`;
			const than = `than ${other.name} of item ${other.item}`;
			return invalidInput(`${the} has another ${name}${values} ${than}`, fix);
		}
		case 'tooLarge':
			// A clip is in memory while it is copied
			return tooLarge(the, why.maxBytes, 'Use a smaller file, or cut it in two before this node.');
		case 'unsupported': {
			if (why.what === 'edits') {
				return invalidInput(
					`${the} was cut without being encoded anew, and hides some of its frames; in a film they would be seen`,
					`Use the uncut file, or ${CONVERT}.`,
				);
			}
			const [what, fix] =
				why.what === 'codec'
					? ['a picture', `Use H.264 or H.265 videos, or ${CONVERT}.`]
					: ['sound', OWN_SOUND];
			return invalidInput(`${the} has ${what} of a kind that can't be joined: ${why.found}`, fix);
		}
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
			return tooLarge(the, why.maxBytes, 'Use a smaller file.');
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

/** Why no film becomes of so much. */
export function tooMuch(of: 'clips' | 'seconds' | 'samples', max: number): Failure {
	const most = { clips: `${max} clips`, seconds: `${max / 3600} hours`, samples: `${max} frames` };
	return invalidInput(`A film can have at most ${most[of]}; here are more`, 'Join fewer clips.');
}
