// Which film a task gets: its shape comes first, and in landscape its mode shows.
import { mediaAnswer } from './media';
import type { Mode } from './sourceChecks';

const MODES: Mode[] = ['text-to-video', 'image-to-video', 'reference-to-video', 'video-edit'];

/** The film of a task, as text. */
function film(shape: number, mode?: Mode): string {
	const { body } = mediaAnswer('GET', '/file/1.mp4', { shape, mode });
	return Buffer.concat([...body.chunks()]).toString('base64');
}

test('in landscape, each mode has a film of its own', () => {
	const films = MODES.map((mode) => film(16 / 9, mode));
	expect(new Set(films).size).toBe(MODES.length);
	expect(film(16 / 9)).toBe(films[0]);
});

test('in any other shape, the shape decides', () => {
	const shapes = [9 / 16, 1, 4 / 3, 3 / 4];
	expect(new Set(shapes.map((shape) => film(shape))).size).toBe(shapes.length);
	for (const shape of shapes) {
		for (const mode of MODES) expect(film(shape, mode)).toBe(film(shape));
	}
});
