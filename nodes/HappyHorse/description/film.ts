// Join Videos: its fields, and the options that it has.
import type { INodeProperties } from 'n8n-workflow';
import { inputBinaryField, option, shownWhen } from './fields';
import { optionsField, outputField } from './options';

/** The fields of Join Videos. */
export const film: INodeProperties[] = shownWhen({ resource: ['film'] }, [
	{
		displayName:
			'All input items become one film, in their order. Joining is free: nothing is ordered, sent or re-encoded.',
		name: 'filmNotice',
		type: 'notice',
		default: '',
	},
	inputBinaryField('video', 'binaryPropertyName', {
		hint: 'or several names in their order',
		description:
			'The clips: MP4 or MOV files of one size and kind, such as the videos of this node',
	}),
	optionsField([
		option('File Name', 'fileName', '', {
			placeholder: 'e.g. trailer.mp4',
			description: 'Name of the film; if left empty, film.mp4',
		}),
		outputField,
		option('Sound Field', 'soundField', 'sound', {
			placeholder: 'e.g. voice',
			hint: 'The name of a field of the first input item that holds an M4A, AAC or MP3 file',
			description:
				'A voice-over or music in place of the sound of the clips: it ends with the film, and if it ends sooner, the rest is silent',
		}),
	]),
]);
