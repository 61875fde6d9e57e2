// Orders with many large images from binary data: the node holds one body at a time, and drops it once accepted.
/* eslint-disable @n8n/community-nodes/no-restricted-imports -- a benchmark: it runs in Node, never in n8n */
import { randomBytes } from 'node:crypto';
import { stat,writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { beside,loopRow,memoryRow } from '../rows';
import { byWay,rounded,type Scenario } from '../scenario';

const MB = 1024 * 1024;
const IMAGES = 9;

/** Pixels: a square of noise of this side makes a JPG of about 5 MB at quality 95. */
const SIDE = 2265;

/** Makes JPG files of about 5 MB. */
async function makeImages(folder: string): Promise<string[]> {
	const files: string[] = [];
	for (let index = 0; index < IMAGES; index += 1) {
		const file = join(folder, `image-${index}.jpg`);
		const raw = { width: SIDE, height: SIDE, channels: 3 } as const;
		const jpg = await sharp(randomBytes(SIDE * SIDE * 3), { raw })
			.jpeg({ quality: 95 })
			.toBuffer();
		await writeFile(file, jpg);
		files.push(file);
	}
	const { size } = await stat(files[0]);
	if (size < 4.5 * MB || size > 5.5 * MB) throw new Error(`An image has ${rounded(size / MB)} MB`);
	return files;
}

export const images: Scenario = {
	name: 'images',
	title: 'Many large images',
	async loads(quick, folder) {
		const load = {
			items: quick ? 5 : 50,
			inFlight: quick ? 5 : 10,
			secondsPerTask: 5,
			imageFiles: await makeImages(folder),
		};
		return [
			{ ...load, way: 'node' },
			{ ...load, way: 'oneByOne', items: quick ? 1 : 4 },
			{ ...load, way: 'byHand', items: quick ? 1 : 4, inFlight: 4 },
		];
	},
	rows(measured) {
		const { ours, oneByOne, byHand } = byWay(measured);
		const { load, delivered, seconds } = ours;
		const name = `${load.items} items with ${IMAGES} images of 5 MB`;
		return [
			{
				what: `${name}, ${load.inFlight} in flight, T = ${load.secondsPerTask} s: all out`,
				figure: `${delivered} in ${rounded(seconds)} s`,
				target: `${load.items} delivered`,
				met: delivered === load.items,
				oneByOne: beside(ours, oneByOne),
				byHand: beside(ours, byHand),
			},
			memoryRow(name, ours, 200, oneByOne, byHand),
			loopRow(name, ours, 100, oneByOne, byHand),
		];
	},
};
