// Edit Video: the fields of its own.
import type { INodeProperties } from 'n8n-workflow';
import { ORDER_DEFAULTS } from '../domain/limits';
import { SIGNED_LINK_HOURS } from '../domain/settings';
import { fileFields, ofOperation, promptField, referenceImagesField } from './fields';
import { limit, servicesThat, widest } from './services';
import { ASPECT_RATIO_RANGE, FRAME_SIZE, IMAGE_FILE, PROMPT_LENGTH, VIDEO_BYTES } from './texts';

const { audioSetting } = ORDER_DEFAULTS;

const LENGTH = limit(
	({ sourceVideo: { seconds }, editSeconds }) =>
		`${seconds.min} to ${seconds.max} seconds (only the first ${editSeconds} are used)`,
);

const SIDES = limit(
	({ sourceVideo }) =>
		`${sourceVideo.shortSideMinPixels} to ${sourceVideo.longSideMaxPixels} pixels`,
);

const FRAMES = limit(({ sourceVideo }) => `more than ${sourceVideo.framesAbove} frames a second`);

const SOURCE_VIDEO = `${FRAMES}, sides from ${SIDES}, aspect ratio from ${ASPECT_RATIO_RANGE}; length and aspect ratio of the edited video follow it`;

const IMAGES = widest(({ editImages }) => editImages);

/** The fields of Edit Video alone. */
export const editVideo: INodeProperties[] = ofOperation('editVideo', [
	...fileFields(
		'video',
		{
			displayName: 'Video Source',
			name: 'videoSource',
			description: 'Where the video to change comes from',
		},
		{
			name: 'videoUrl',
			placeholder: 'e.g. https://example.com/video.mp4',
			hint: `MP4 or MOV, ${LENGTH}, up to ${VIDEO_BYTES}`,
			description: `The video to change, as a public http(s) link that opens without a login: ${SOURCE_VIDEO}`,
		},
		{
			name: 'videoBinaryPropertyName',
			hint: `MP4 or MOV, up to ${VIDEO_BYTES}`,
			description: `The video to change: ${LENGTH}, ${SOURCE_VIDEO}`,
		},
	),
	{
		displayName: `HappyHorse fetches the file through a link to this n8n, good for ${SIGNED_LINK_HOURS} hours: n8n must be reachable from the internet. If it is not, upload the video somewhere public and use its URL.`,
		name: 'videoBinaryNotice',
		type: 'notice',
		default: '',
		displayOptions: {
			show: { service: servicesThat((offer) => !offer.uploadsVideos), videoSource: ['binary'] },
		},
	},
	promptField(true, {
		placeholder: 'e.g. Make it snow and give the man a red coat, keep everything else',
		description: `What to change in the video, and what to keep (${PROMPT_LENGTH})`,
	}),
	referenceImagesField(
		IMAGES,
		FRAME_SIZE,
		`Up to ${IMAGES.max} images of what to put into the video (optional): ${IMAGE_FILE} each, ${FRAME_SIZE}, aspect ratio from ${ASPECT_RATIO_RANGE}`,
	),
	{
		displayName: 'Audio',
		name: 'audioSetting',
		type: 'options',
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
		default: audioSetting,
		description: 'What happens to the sound of the source video',
	},
]);
