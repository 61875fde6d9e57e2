// Names of files: whatever a user, an expression or a service comes up with becomes one that every file system takes.
import fc from 'fast-check';
import { safeName, videoFileName } from '../../nodes/HappyHorse/output/deliver';

it.each<[what: string, wanted: string, name: string]>([
	['a plain name', 'trailer', 'trailer.mp4'],
	['a name with an extension', 'trailer.mp4', 'trailer.mp4'],
	['another extension of a video', 'trailer.MOV', 'trailer.MOV'],
	['another extension', 'trailer.txt', 'trailer.txt.mp4'],
	['a path', '../../etc/passwd', '.._.._etc_passwd.mp4'],
	['a path of Windows', 'C:\\horse.mp4', 'C__horse.mp4'],
	['what is reserved somewhere', 'a*b?c"d<e>f|g', 'a_b_c_d_e_f_g.mp4'],
	['control characters', 'a\0b\nc\td\u001fe\u007ff', 'a_b_c_d_e_f.mp4'],
	['only blanks', ' \t ', 'video.mp4'],
	['nothing but an extension', '.mp4', 'video.mp4'],
	['only dots', '..', '...mp4'],
	['other scripts', '馬 und Füllen', '馬 und Füllen.mp4'],
	['300 characters', 'x'.repeat(300), `${'x'.repeat(200)}.mp4`],
	['an emoji at the limit', `${'x'.repeat(198)}🐎.mp4`, `${'x'.repeat(198)}.mp4`],
	['an emoji before the limit', `${'x'.repeat(196)}🐎.mp4`, `${'x'.repeat(196)}🐎.mp4`],
	['half an emoji', 'a\ud83d', 'a.mp4'],
])('%s', (_what, wanted, name) => {
	expect(videoFileName(wanted, '')).toBe(name);
});

it.each([
	['trailer.mp4', 'trailer_2.mp4'],
	['trailer', 'trailer_2.mp4'],
	['', 'video_2.mp4'],
])('the second video of a task (%s) has its number before the extension', (wanted, name) => {
	expect(videoFileName(wanted, '_2')).toBe(name);
});

it('any name at all becomes one that leads nowhere else, and is not too long', () => {
	const text = fc.string({ unit: 'binary', maxLength: 400 });
	fc.assert(
		fc.property(text, (wanted) => {
			const name = videoFileName(wanted, '_1');
			// eslint-disable-next-line no-control-regex -- none of these may be in a name
			expect(name).toMatch(/^[^/\\:*?"<>|\u0000-\u001f\u007f]+_1\.\w+$/);
			expect(new TextEncoder().encode(name).length).toBeLessThan(255);
			expect(safeName(name)).toBe(name);
		}),
	);
});
