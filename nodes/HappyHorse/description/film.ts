// Join Videos: its fields, and the options that it has.
import { field, inputBinaryField, notice, shownWhen } from './fields';
import { optionsField, outputField } from './options';

/** The fields of Join Videos. */
export const film = shownWhen({ resource: ['film'] }, [
	notice(
		'filmNotice',
		{},
		'All input items become one film, in their order. Joining is free: nothing is ordered, sent or re-encoded.',
	),
	inputBinaryField('video', 'binaryPropertyName', {
		hint: 'or several names in their order',
		description:
			'The clips: MP4 or MOV files of one size and kind, such as the videos of this node',
	}),
	optionsField([
		field('File Name', 'fileName', '', {
			placeholder: 'e.g. trailer.mp4',
			description: 'Name of the film; if left empty, film.mp4',
		}),
		outputField,
		field('Sound Field', 'soundField', 'sound', {
			placeholder: 'e.g. voice',
			hint: 'The name of a field of the first input item that holds an M4A, AAC or MP3 file',
			description:
				'A voice-over or music in place of the sound of the clips: it ends with the film, and if it ends sooner, the rest is silent',
		}),
	]),
]);
