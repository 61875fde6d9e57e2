// The prompt's own rules.
import { checkCharacters, checkPrompt } from '../../nodes/HappyHorse/request/prompt';
import { IMINI_LIMITS } from '../../nodes/HappyHorse/service/imini/limits';
import { MODEL_STUDIO_LIMITS } from '../../nodes/HappyHorse/service/modelStudio/limits';

describe('the length of a prompt', () => {
	it.each([
		['a letter', 'a', 1],
		['a Chinese character', '马', 1],
		['an emoji outside of the basic plane', '🐴', 1],
		['an emoji of two code points, which the service counts', '👍🏽', 2],
		['half of a pair, which is no character of its own', 'a\uD83D', 2],
		['a line break', 'a\r\nb', 4],
	])('counts %s as people and the service do', (_what, text, count) => {
		const limits = { ...IMINI_LIMITS, promptCharacters: 10 * count - 1 };
		expect(() => checkPrompt(text.repeat(10), false, limits)).toThrow(
			`at most ${10 * count - 1} characters, but has ${10 * count}`,
		);
	});

	it.each([
		['5000 letters', 'a'.repeat(5000)],
		['5000 emoji, which are 10000 UTF-16 units', '🐴'.repeat(5000)],
		['5000 Chinese characters', '马'.repeat(5000)],
	])('lets %s pass', (_what, prompt) => {
		expect(() => checkPrompt(prompt, true, IMINI_LIMITS)).not.toThrow();
	});

	it.each([['5001 emoji', '🐴'.repeat(5001)]])(
		'refuses %s, and says how many there are',
		(_what, prompt) => {
			for (const needed of [true, false]) {
				expect(() => checkPrompt(prompt, needed, IMINI_LIMITS)).toThrow(
					'Prompt must have at most 5000 characters, but has 5001',
				);
			}
		},
	);

	it('never quotes a prompt, which may be private', () => {
		expect(() => checkPrompt('secret '.repeat(1000), true, IMINI_LIMITS)).toThrow(
			expect.objectContaining({ message: expect.not.stringContaining('secret') }),
		);
	});
});

describe('the images that a prompt names', () => {
	it.each([
		['character1 rides', 1],
		['character1 and character2, then character1', 2],
		['Character9', 9],
		['no image is named', 1],
		['[Image 1] hands a rose to [image 2], [Image]', 2],
		['a character in love', 1],
		['character 3 is no name of an image', 1],
		['mycharacter5, character5th and character_7 are other words', 1],
	])('may be there: %j with %i images', (prompt, images) => {
		expect(() => checkCharacters(prompt, images, MODEL_STUDIO_LIMITS)).not.toThrow();
	});

	it.each([
		['character1 and character3', 2, 'Prompt names character3, but there are 2 reference images'],
		['character2 alone', 1, 'Prompt names character2, but there is 1 reference image'],
		['character0', 3, 'Prompt names character0, but there are 3 reference images'],
		['[Image 3] and character1', 2, 'Prompt names [Image 3], but there are 2 reference images'],
		['CHARACTER10', 9, 'Prompt names CHARACTER10, but there are 9 reference images'],
	])('must be there: %j with %i images', (prompt, images, message) => {
		expect(() => checkCharacters(prompt, images, MODEL_STUDIO_LIMITS)).toThrow(message);
	});

	it('are words of the prompt in brackets where the service does not know those as names', () => {
		expect(() => checkCharacters('a sign that says [Image 3]', 1, IMINI_LIMITS)).not.toThrow();
	});
});
