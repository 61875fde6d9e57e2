// The operation of a film: Join Videos, and the options that it has.
import type { INodeProperties } from 'n8n-workflow';
import { INPUT_FIELD } from '../domain/settings';
import { outputFieldOption } from './options';

const displayOptions = { show: { resource: ['film'] } };

/** The fields of Join Videos. */
export const film: INodeProperties[] = [
	{
		displayName:
			'All input items become one film, in their order. Joining is free: nothing is ordered, sent or encoded anew.',
		name: 'filmNotice',
		type: 'notice',
		default: '',
		displayOptions,
	},
	{
		displayName: 'Input Binary Field',
		name: 'binaryPropertyName',
		type: 'string',
		required: true,
		default: INPUT_FIELD,
		placeholder: `e.g. ${INPUT_FIELD}`,
		hint: 'The name of the input field that holds the video file, or several names in their order',
		description:
			'The clips: MP4 or MOV files of one size and kind, such as the videos of this node; an expression may also give the files themselves, of any node',
		displayOptions,
	},
	{
		displayName: 'Options',
		name: 'options',
		type: 'collection',
		placeholder: 'Add Option',
		default: {},
		options: [
			{
				displayName: 'File Name',
				name: 'fileName',
				type: 'string',
				default: '',
				placeholder: 'e.g. trailer.mp4',
				description: 'Name of the film; if left empty, film.mp4',
			},
			outputFieldOption,
			{
				displayName: 'Sound Field',
				name: 'soundField',
				type: 'string',
				default: 'sound',
				placeholder: 'e.g. voice',
				hint: 'The name of a field of the first input item that holds an M4A, AAC or MP3 file',
				description:
					'A voice-over or music in place of the sound of the clips: it ends with the film, and where it ends sooner, the rest is silent',
			},
		],
		displayOptions,
	},
];
