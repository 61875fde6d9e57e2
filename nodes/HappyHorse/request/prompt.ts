// The prompt's own rules.
import { invalidInput } from '../failure';
import type { Limits } from '../order';

/** Characters of a text as people count them: Unicode code points, not UTF-16 units. */
export function countCharacters(text: string): number {
	const surrogatePairs = text.match(/[\uD800-\uDBFF][\uDC00-\uDFFF]/g) ?? [];
	return text.length - surrogatePairs.length;
}

/** Checks a prompt; never quotes it. @throws Failure when it is missing where it is needed, or too long. */
export function checkPrompt(prompt: string, needed: boolean, { promptCharacters }: Limits): void {
	if (needed && prompt.trim() === '') {
		throw invalidInput('Prompt must not be empty', 'Describe the video in the field "Prompt".');
	}
	const count = countCharacters(prompt);
	if (count > promptCharacters) {
		throw invalidInput(
			`Prompt must have at most ${promptCharacters} characters, but has ${count}`,
			'Shorten the field "Prompt".',
		);
	}
}

/** Checks that every `character1`, `character2`, … in a prompt names one of `images`. @throws Failure for the first that does not. */
export function checkCharacters(prompt: string, images: number): void {
	for (const [word, number] of prompt.matchAll(/\bcharacter(\d+)\b/gi)) {
		if (Number(number) < 1 || Number(number) > images) {
			throw invalidInput(
				`Prompt names ${word}, but there ${images === 1 ? 'is 1 reference image' : `are ${images} reference images`}`,
				'Add the missing image to "Reference Images", or change the prompt: character1 is the first image.',
			);
		}
	}
}
