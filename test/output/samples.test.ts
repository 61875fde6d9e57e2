// The sample films: as long as was ordered, small, and of the shape that comes closest to what was ordered.
import { startsAsVideo, webImageType } from '../../nodes/HappyHorse/util/fileType';
import { sampleCover, sampleVideo } from '../../nodes/HappyHorse/output/samples';
import { measureImage, imageRule } from '../../nodes/HappyHorse/request/image';
import { readFilm } from '../../nodes/HappyHorse/mp4/facts';
import { IMINI_LIMITS } from '../../nodes/HappyHorse/service/imini/imini';

it.each([
	[1920, 1080, 3, 160, 90],
	[1080, 1920, 5, 90, 160],
	[720, 720, 15, 100, 100],
	[960, 720, 4, 120, 90],
	[720, 960, 4, 90, 120],
	[720, 900, 4, 96, 120],
	[900, 720, 4, 120, 96],
	// As a first frame may be
	[2700, 1080, 7, 196, 84],
	[1080, 2700, 7, 84, 196],
	[1100, 1080, 1, 100, 100],
])('%i × %i for %i s gets a film of %i × %i, as long', async (width, height, seconds, x, y) => {
	const film = await sampleVideo({ width, height }, seconds);
	expect(startsAsVideo(film)).toBe(true);
	expect(film.length).toBeLessThan(15_000);
	// H.264 (ISO 14496-15)
	expect(film.includes('avc1')).toBe(true);
	const facts = { seconds, width: x, height: y };
	const read = await readFilm([film], { yield: async () => {} });
	expect(read).toMatchObject({ kind: 'film', facts });
});

it('the cover image may be used as a first frame or as a reference', async () => {
	expect(webImageType(sampleCover())).toBe('image/jpeg');
	for (const use of ['imageToVideo', 'referenceToVideo'] as const) {
		const measured = await measureImage('It', [sampleCover()], imageRule(use, IMINI_LIMITS));
		expect(measured).toMatchObject({ format: 'jpeg', width: 712, height: 400 });
	}
});
