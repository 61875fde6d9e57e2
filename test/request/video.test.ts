// The video to edit: a file that the service fetches from this n8n, or a link that the user gives.
import type { InputFile } from '../../nodes/HappyHorse/request/inputItem';
import { videoToEdit } from '../../nodes/HappyHorse/request/video';
import { IMINI_LIMITS } from '../../nodes/HappyHorse/service/imini/limits';
import { mp4 } from '../../tools/images';
import { fileOf, itemOf } from './item';

const NOWHERE = { privateLinks: false, uploadsVideos: false };

describe('a video file', () => {
	const linkOf = async (clip: InputFile) =>
		await videoToEdit(
			itemOf({ videoSource: 'binary', videoBinaryPropertyName: 'clip' }, { clip }),
			IMINI_LIMITS,
			NOWHERE,
		);

	it('goes by a link that is made when the order is sent, and not before', async () => {
		let links = 0;
		const link = () => `https://n8n.example.com/signed?token=${(links += 1)}`;
		const video = await linkOf(fileOf(mp4(), link));
		if (video.kind !== 'file') throw new Error('It is a link');
		const before = links;
		expect(video.link()).toBe(`https://n8n.example.com/signed?token=${before + 1}`);
	});

	it.each(['http://localhost:5678/x', 'http://192.168.1.5/x', 'http://n8n:5678/x'])(
		'can not go by %s',
		async (link) => {
			await expect(linkOf(fileOf(mp4(), () => link))).rejects.toThrow(
				`The video "a.png" (field "data") can't be fetched by the service: the address of this n8n, ${new URL(link).host}, is not on the internet`,
			);
		},
	);

	it('may have 100 MB, and not a byte more', async () => {
		const sized = async (bytes: number) =>
			await linkOf({ ...fileOf(mp4()), size: async () => bytes });
		await expect(sized(104_857_600)).resolves.toBeDefined();
		await expect(sized(104_857_601)).rejects.toThrow(
			'has 104857601 bytes; it must have at most 100 MB (104857600 bytes)',
		);
	});

	it('is read no further than it takes to know that it does not tell', async () => {
		let read = 0;
		function* pieces() {
			for (const byte of mp4(5000)) {
				read += 1;
				yield Buffer.from([byte]);
			}
		}
		const file = { ...fileOf(mp4(5000)), open: async () => pieces() };
		await expect(linkOf(file)).resolves.toBeDefined();
		// Its first box, and where its second would have its type
		expect(read).toBe(mp4().indexOf('mp41') + 4 + 8);
	});
});

it.each(['http://localhost:9000/v.mp4', 'http://10.0.0.1/v.mp4'])(
	'a URL on a network of the user is good only where the service is on one as well: %s',
	async (videoUrl) => {
		const item = itemOf({ videoUrl });
		expect(await videoToEdit(item, IMINI_LIMITS, { ...NOWHERE, privateLinks: true })).toEqual({
			kind: 'link',
			url: videoUrl,
		});
		await expect(videoToEdit(item, IMINI_LIMITS, NOWHERE)).rejects.toThrow(
			'is not on the internet',
		);
	},
);
