// The prompt's own rules.
import { invalidInput } from '../domain/failure';
import type { Limits } from '../domain/limits';
import { isBlank, excerpt } from './text';

/** Checks a prompt; never quotes it. @throws Failure when it is missing where it is needed, or too long. */
export function checkPrompt(prompt: string, needed: boolean, { promptCharacters }: Limits): void {
	if (needed && isBlank(prompt)) {
		throw invalidInput('Prompt must not be empty', 'Describe the video in the field "Prompt".');
	}
	// People count code points, of which a text has at least half as many as UTF-16 units
	const count = prompt.length > 4 * promptCharacters ? prompt.length : [...prompt].length;
	if (count > promptCharacters) {
		throw invalidInput(
			`Prompt must have at most ${promptCharacters} characters, but has ${count}`,
			'Shorten the field "Prompt".',
		);
	}
}

/** Characters of a word of the prompt that a message shows. */
const MOST_SHOWN = 20;

/**
 * Checks that every `character1`, `character2`, … in a prompt, or `[Image 1]` where the service knows that, names one of
 * `images`. @throws Failure for the first that does not.
 */
export function checkCharacters(
	prompt: string,
	images: number,
	{ namesImagesInBrackets }: Pick<Limits, 'namesImagesInBrackets'>,
): void {
	const names = namesImagesInBrackets
		? /\bcharacter(\d+)\b|\[Image (\d+)\]/gi
		: /\bcharacter(\d+)\b/gi;
	for (const [word, inWord, inBrackets] of prompt.matchAll(names)) {
		const number = inWord ?? inBrackets;
		if (Number(number) < 1 || Number(number) > images) {
			throw invalidInput(
				`Prompt names ${excerpt(word, MOST_SHOWN)}, but there ${images === 1 ? 'is 1 reference image' : `are ${images} reference images`}`,
				'Add the missing image to "Reference Images", or change the prompt: the first image has the number 1.',
			);
		}
	}
}
