// The four video operations: the fields that each has of its own.
import type { INodeProperties } from 'n8n-workflow';
import type { Mode, Range } from '../domain/limits';
import { megabytes, ORDER_DEFAULTS } from '../domain/limits';
import { SIGNED_LINK_HOURS } from '../domain/settings';
import type { Words } from './fields';
import { capitalized, field, inputBinaryField, notice, shownWhen } from './fields';
import { limit, servicesThat, widest } from './services';

const PROMPT_LENGTH = limit(
	({ promptCharacters, chinesePromptCharacters }) =>
		`any language, up to ${promptCharacters} characters; of a Chinese prompt, the model reads only the first ${chinesePromptCharacters}`,
);

/** Of an image, or of a video to edit, width to height. */
const SIDE_RATIOS = limit(({ sideRatio }) => `1:${sideRatio} to ${sideRatio}:1`);

const IMAGE_FILE = `JPG, PNG or WebP, up to ${limit(({ imageBytes }) => megabytes(imageBytes))}`;

/** Of a first frame, and of an image that goes with an edit. */
const FRAME_SIZE = limit(({ frameSidePixels: side }) => `at least ${side} × ${side} pixels`);

const FIRST_FRAME_FILE = `JPG, PNG or WebP, up to ${limit(({ firstFrameBytes }) => megabytes(firstFrameBytes))}, ${FRAME_SIZE}`;

const FIRST_FRAME = `${FIRST_FRAME_FILE}, aspect ratio from ${SIDE_RATIOS}; the video takes the aspect ratio of the image`;

const REFERENCES = widest(({ referenceImages }) => referenceImages);

const REFERENCE_SIZE = limit(
	({ referenceShortSidePixels }) => `shorter side at least ${referenceShortSidePixels} pixels`,
);

const REFERENCE_NAMES = limit(({ namesImagesInBrackets }) =>
	namesImagesInBrackets ? 'character1 or [Image 1] and so on' : 'character1, character2 and so on',
);

const VIDEO_BYTES = limit(({ videoBytes }) => megabytes(videoBytes));

const VIDEO_LENGTH = limit(
	({ sourceVideo: { seconds }, editSeconds }) =>
		`${seconds.min} to ${seconds.max} seconds (only the first ${editSeconds} are used)`,
);

const FRAME_RATE = limit(
	({ sourceVideo: { framesAbove } }) => `more than ${framesAbove} frames a second`,
);

const SIDES = limit(
	({ sourceVideo }) =>
		`${sourceVideo.shortSideMinPixels} to ${sourceVideo.longSideMaxPixels} pixels`,
);

const SOURCE_VIDEO = `${FRAME_RATE}, sides from ${SIDES}, aspect ratio from ${SIDE_RATIOS}; length and aspect ratio of the edited video follow it`;

const EDIT_IMAGES = widest(({ editImages }) => editImages);

/** Prompt, of several rows. */
function prompt(required: boolean, words: Words): INodeProperties {
	return field('Prompt', 'prompt', '', { required, typeOptions: { rows: 4 }, ...words });
}

/** A file: where it comes from, and then its link or the binary field that holds it. */
function fileFields(
	file: 'image' | 'video',
	[source, url, binary]: [source: string, url: string, binary: string],
	ofSource: Pick<INodeProperties, 'displayName' | 'description'>,
	ofUrl: Words,
	ofBinary: Words,
): INodeProperties[] {
	const options = [
		{ name: 'URL', value: 'url', description: `A link to the ${file}` },
		{ name: 'Binary File', value: 'binary', description: 'A file in the input item' },
	];
	return [
		{ ...ofSource, name: source, type: 'options', options, default: 'url' },
		...shownWhen({ [source]: ['url'] }, [
			field(`${capitalized(file)} URL`, url, '', { required: true, ...ofUrl }),
		]),
		...shownWhen({ [source]: ['binary'] }, [inputBinaryField(file, binary, ofBinary)]),
	];
}

/** Reference Images: a sortable list of `count` images. `limits`: what an image must be, in short. */
function referenceImages(count: Range, limits: string, description: string): INodeProperties {
	const isNeeded = count.min > 0;
	// Where at least one is needed, the first row stands open
	const preset = isNeeded ? { image: [{ source: 'url', url: '' }] } : {};
	const values = fileFields(
		'image',
		['source', 'url', 'binaryPropertyName'],
		{ displayName: 'Source', description: 'Where the image comes from' },
		{
			placeholder: 'e.g. https://example.com/character.jpg',
			hint: capitalized(limits),
			description:
				'A public http(s) link or a data:image/…;base64, URL; several at once (a list from an expression or as JSON, or separated by commas or line breaks) become one reference image each',
		},
		{
			hint: limits,
			description: 'Several names, separated by commas, become one reference image each',
		},
	);
	return field('Reference Images', 'referenceImages', preset, {
		type: 'fixedCollection',
		typeOptions: {
			multipleValues: true,
			multipleValueButtonText: 'Add Image',
			sortable: true,
			...(isNeeded && { minRequiredFields: count.min }),
			maxAllowedFields: count.max,
		},
		placeholder: 'Add Image',
		options: [{ displayName: 'Image', name: 'image', values }],
		description,
	});
}

const FIELDS: Record<Mode, INodeProperties[]> = {
	textToVideo: [
		prompt(true, {
			placeholder:
				'e.g. A cardboard city comes alive at night as a tiny lit train rolls past, slow tracking shot',
			description: `What the video shows: subject, action, setting, camera and style (${PROMPT_LENGTH})`,
		}),
	],
	imageToVideo: [
		...fileFields(
			'image',
			['imageSource', 'imageUrl', 'binaryPropertyName'],
			{ displayName: 'Image Source', description: 'Where the first frame comes from' },
			{
				placeholder: 'e.g. https://example.com/first-frame.jpg',
				hint: FIRST_FRAME_FILE,
				description: `The first frame of the video, as a public http(s) link or a data:image/…;base64, URL: ${FIRST_FRAME}`,
			},
			{ hint: FRAME_SIZE, description: `The first frame of the video: ${FIRST_FRAME}` },
		),
		prompt(false, {
			placeholder: 'e.g. She turns to the camera and smiles, wind in her hair, slow zoom in',
			description: `What happens after the first frame: action, camera and mood (optional, ${PROMPT_LENGTH})`,
		}),
	],
	referenceToVideo: [
		prompt(true, {
			placeholder:
				'e.g. character1 hands a red umbrella to character2 on a rainy street, cinematic',
			hint: 'Name the images by their place in the list below: character1, character2 and so on',
			description: `What the video shows; the reference images are named by their place in the list: ${REFERENCE_NAMES} (${PROMPT_LENGTH})`,
		}),
		referenceImages(
			REFERENCES,
			REFERENCE_SIZE,
			`${REFERENCES.min} to ${REFERENCES.max} images of people, animals, objects or places to appear in the video: ${IMAGE_FILE} each, ${REFERENCE_SIZE}; their order makes them character1, character2 and so on in the prompt`,
		),
	],
	editVideo: [
		...fileFields(
			'video',
			['videoSource', 'videoUrl', 'videoBinaryPropertyName'],
			{ displayName: 'Video Source', description: 'Where the video to change comes from' },
			{
				placeholder: 'e.g. https://example.com/video.mp4',
				hint: `MP4 or MOV, ${VIDEO_LENGTH}, up to ${VIDEO_BYTES}`,
				description: `The video to change, as a public http(s) link that opens without a login: ${SOURCE_VIDEO}`,
			},
			{
				hint: `MP4 or MOV, up to ${VIDEO_BYTES}`,
				description: `The video to change: ${VIDEO_LENGTH}, ${SOURCE_VIDEO}`,
			},
		),
		notice(
			'videoBinaryNotice',
			{ service: servicesThat((offer) => !offer.uploadsVideos), videoSource: ['binary'] },
			`HappyHorse fetches the file through a link to this n8n, good for ${SIGNED_LINK_HOURS} hours: n8n must be reachable from the internet. If it is not, upload the video somewhere public and use its URL.`,
		),
		prompt(true, {
			placeholder: 'e.g. Make it snow and give the man a red coat, keep everything else',
			description: `What to change in the video, and what to keep (${PROMPT_LENGTH})`,
		}),
		referenceImages(
			EDIT_IMAGES,
			FRAME_SIZE,
			`Up to ${EDIT_IMAGES.max} images of what to put into the video (optional): ${IMAGE_FILE} each, ${FRAME_SIZE}, aspect ratio from ${SIDE_RATIOS}`,
		),
		field('Audio', 'audioSetting', ORDER_DEFAULTS.audioSetting, {
			options: [
				{
					name: 'Automatic',
					value: 'auto',
					description: 'The model decides what the edited video sounds like',
				},
				{
					name: 'Keep Original',
					value: 'origin',
					description: 'Keep the sound of the source video',
				},
			],
			description: 'What happens to the sound of the source video',
		}),
	],
};

/** The fields of each operation alone. */
export const video = Object.entries(FIELDS).flatMap(([operation, fields]) =>
	shownWhen({ resource: ['video'], operation: [operation] }, fields),
);
