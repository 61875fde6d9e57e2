// The sample films: a second long, small, and of the shape that comes closest to what was ordered.
import { startsAsVideo, webImageType } from '../../nodes/HappyHorse/util/fileType';
import { sampleCover, sampleVideo } from '../../nodes/HappyHorse/output/samples';
import { measureImage, imageRule } from '../../nodes/HappyHorse/request/image';
import { readFilm } from '../../nodes/HappyHorse/mp4/facts';
import { inPieces } from '../mp4/films';
import { IMINI_LIMITS } from '../../nodes/HappyHorse/service/imini/limits';

it.each([
	[1920, 1080, 320, 180],
	[1080, 1920, 180, 320],
	[720, 720, 240, 240],
	[960, 720, 320, 240],
	[720, 960, 240, 320],
	// As a first frame may be
	[2700, 1080, 320, 180],
	[1080, 2700, 180, 320],
	[1100, 1080, 240, 240],
])('%i × %i gets a film of %i × %i, one second long', async (width, height, across, down) => {
	const film = sampleVideo({ width, height });
	expect(startsAsVideo(film)).toBe(true);
	expect(film.length).toBeLessThan(12_000);
	// H.264 (ISO 14496-15)
	expect(film.includes('avc1')).toBe(true);
	const facts = { seconds: 1, width: across, height: down };
	const read = await readFilm(inPieces(film), { yield: async () => {} });
	expect(read).toMatchObject({ kind: 'film', facts });
});

it('the cover image may be used as a first frame or as a reference', async () => {
	expect(webImageType(sampleCover())).toBe('image/jpeg');
	for (const use of ['firstFrame', 'reference'] as const) {
		const measured = await measureImage('It', [sampleCover()], imageRule(use, IMINI_LIMITS));
		expect(measured).toMatchObject({ format: 'jpeg', width: 712, height: 400 });
	}
});
