// The video to edit: a file that the service fetches from this n8n, or a link that the user gives.
import type { InputFile } from '../../nodes/HappyHorse/request/inputItem';
import { videoToEdit } from '../../nodes/HappyHorse/request/video';
import type { Failure } from '../../nodes/HappyHorse/domain/failure';
import type { Limits } from '../../nodes/HappyHorse/domain/limits';
import { MODEL_STUDIO_LIMITS } from '../../nodes/HappyHorse/service/modelStudio/modelStudio';
import { IMINI_LIMITS } from '../../nodes/HappyHorse/service/imini/imini';
import { heic, mp4, padded, pdf, pieces } from '../../tools/images';
import { box, filmOf } from '../mp4/build';
import { film } from '../mp4/films';
import { RULES, fileOf, itemOf } from './item';

const videoOf = async (clip: InputFile, limits: Limits = IMINI_LIMITS) => {
	const values = { videoSource: 'binary', videoBinaryPropertyName: 'clip' };
	const video = await videoToEdit(itemOf(values, { clip }), { ...RULES, limits });
	if (video.kind !== 'file') throw new Error('It is a link');
	return video;
};

describe('a video file', () => {
	it('goes by a link that is made when the order is sent, and not before', async () => {
		let links = 0;
		const link = () => `https://n8n.example.com/signed?token=${(links += 1)}`;
		const video = await videoOf(fileOf(mp4(), link));
		const before = links;
		expect(video.link()).toBe(`https://n8n.example.com/signed?token=${before + 1}`);
	});

	it('may have 100 MB, and not a byte more', async () => {
		const sized = async (bytes: number) =>
			await videoOf({ ...fileOf(mp4()), size: async () => bytes });
		await expect(sized(104_857_600)).resolves.toBeDefined();
		await expect(sized(104_857_601)).rejects.toThrow('is larger than 100 MB (104857600 bytes)');
	});
});

describe('what a film says of itself', () => {
	const check = async (content: Buffer, limits?: Limits) => {
		const open = async () => pieces(content, 65_536);
		return await videoOf({ ...fileOf(content), name: '"a.mp4" (field "data")', open }, limits);
	};
	const failureOf = async (content: Buffer, limits?: Limits): Promise<Failure | undefined> =>
		await check(content, limits).then(
			() => undefined,
			(error: unknown) => error as Failure,
		);
	const messageOf = async (content: Buffer, limits?: Limits) =>
		(await failureOf(content, limits))?.message.replace('The video "a.mp4" (field "data") ', '');

	const sized = (width: number, height: number, matrix?: number[]) =>
		filmOf(5, 24, { width, height, matrix });
	const lasting = (seconds: number, rate?: number) =>
		filmOf(seconds, rate, { width: 848, height: 480 });
	const TURNED = [0, 65536, 0, -65536, 0, 0, 0, 0, 0x40000000];
	const MIRRORED = [0, -65536, 0, -65536, 0, 0, 0, 0, 0x40000000];
	const branded = (brand: string) => {
		const film = Buffer.from(mp4());
		film.write(brand, 8, 'latin1');
		return film;
	};

	it.each([
		['a film that fits', sized(848, 480)],
		['its index first', mp4()],
		['fragments, of which the first is too short', film('recorder.mp4')],
		['3 seconds', lasting(3)],
		['60 seconds', lasting(60)],
		['60 seconds and a moment', lasting(60.04)],
		['a bit more than 8 frames a second', lasting(10, 8.1)],
		['the largest sides', sized(2160, 864)],
		['the smallest sides', sized(320, 800)],
		['an index that can not be read', filmOf(5, 24, { stsc: box('stsc', 0, 1, 2, 1, 1) })],
		['an index that is too large', filmOf(5, 24, { more: Buffer.alloc(2 ** 23) })],
	])('does no harm: %s', async (_what, film) => {
		expect(await messageOf(film)).toBeUndefined();
	});

	it.each([
		['is 2.9 seconds long; it must have from 3 to 60 seconds', lasting(2.9, 10)],
		['is 61 seconds long; it must have from 3 to 60 seconds', lasting(61)],
		['has 8 frames a second; it must have more than 8', lasting(10, 8)],
		['has 1 frames a second; it must have more than 8', lasting(10, 1)],
		['is 848 × 319 pixels; it must have at least 320 pixels on the shorter side', sized(848, 319)],
		[
			'is 319 × 848 pixels; it must have at least 320 pixels on the shorter side',
			sized(848, 319, TURNED),
		],
		[
			'is 2161 × 1080 pixels; it must have at most 2160 pixels on the longer side',
			sized(2161, 1080),
		],
		['is 400 × 1001 pixels; it must have an aspect ratio from 1:2.5 to 2.5:1', sized(400, 1001)],
		['has sound but no video track; it must have one', film('voice.m4a')],
		['is cut off: its end is missing; it must be whole', mp4(9000).subarray(0, 8999)],
		['is cut off: its end is missing; it must be whole', film('index-last.mp4').subarray(0, 9000)],
	])('is said before it is ordered: %s', async (message, content) => {
		const isM4a = content.includes('M4A ');
		expect(await messageOf(isM4a ? Buffer.from(content).fill('isom', 8, 12) : content)).toBe(
			message,
		);
	});

	it.each([
		[undefined, sized(3840, 2160)],
		[undefined, sized(4096, 1640)],
		[
			'is 4097 × 2160 pixels; it must have at most 4096 pixels on the longer side',
			sized(4097, 2160),
		],
	])('at Model Studio, whose limits are wider: %s', async (message, film) => {
		expect(await messageOf(film, MODEL_STUDIO_LIMITS)).toBe(message);
	});

	it('a film that is given up on before its end is told from others by its last byte as well', async () => {
		const strange = filmOf(5, 24, { more: Buffer.alloc(2 ** 23) });
		const other = Buffer.from(strange);
		other[other.length - 1] += 1;
		expect((await check(strange)).digest).not.toBe((await check(other)).digest);
	});

	it('a phone held upright makes a film that is higher than wide', async () => {
		const video = await check(sized(848, 480, TURNED));
		expect(video.pixels).toEqual({ width: 480, height: 848 });
		expect(video.rotated).toBe(true);
		expect((await check(sized(848, 480))).rotated).toBe(false);
		expect((await check(sized(848, 480, MIRRORED))).pixels).toEqual({ width: 480, height: 848 });
	});

	it.each([
		['M4A ', 'M4A'],
		['heic', 'HEIC'],
		['mif1', 'HEIF'],
		['avif', 'AVIF'],
	])('a file with the brand %j is none, and called by its name', async (brand, name) => {
		const failure = await failureOf(branded(brand));
		expect(failure?.message).toContain('is not an MP4 or MOV file');
		expect(failure?.description).toContain(`It has the format ${name}. Use an MP4 or MOV file.`);
	});

	it('a picture is none, whatever its brand', async () => {
		expect(await messageOf(heic())).toBe('is not an MP4 or MOV file');
		expect(await messageOf(heic().fill('isom', 8, 12))).toBe('is not an MP4 or MOV file');
	});

	it.each(['isom', 'iso6', 'mp42', 'avc1', 'M4V ', 'qt  ', 'XAVC', 'dash', '3gp5', 'MSNV'])(
		'a file with the brand %j is one',
		async (brand) => {
			expect(await messageOf(branded(brand))).toBeUndefined();
		},
	);

	it('a file of another kind is read no further than it takes to name it', async () => {
		let read = 0;
		function* pieces() {
			for (const byte of padded(pdf(), 100_000)) {
				read += 1;
				yield Buffer.from([byte]);
			}
		}
		const wait = videoOf({ ...fileOf(mp4()), open: async () => pieces() });
		await expect(wait).rejects.toMatchObject({ description: expect.stringContaining('PDF') });
		expect(read).toBe(1024);
	});
});

it.each(['http://localhost:9000/v.mp4', 'http://10.0.0.1/v.mp4'])(
	'a URL on a network of the user is good only where the service is on one as well: %s',
	async (videoUrl) => {
		const item = itemOf({ videoUrl });
		expect(await videoToEdit(item, { ...RULES, reach: 'anywhere' })).toEqual({
			kind: 'link',
			url: videoUrl,
		});
		await expect(videoToEdit(item, RULES)).rejects.toThrow('is not on the internet');
	},
);
