// The images that go into the videos of the demo: drawn when it runs, so that no files have to be kept.
import sharp from 'sharp';
import type { FileSpec } from '../../tools/engine/engine';

function svg(width: number, height: number, content: string): string {
	return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">${content}</svg>`;
}

/** A lake at dusk, with a small sailing boat. */
const LAKE = svg(
	1280,
	720,
	`<defs>
		<linearGradient id="sky" x2="0" y2="1"><stop stop-color="#33477a"/><stop offset="1" stop-color="#f6b27a"/></linearGradient>
		<linearGradient id="lake" x2="0" y2="1"><stop stop-color="#d98f6c"/><stop offset="1" stop-color="#22345e"/></linearGradient>
	</defs>
	<rect width="1280" height="430" fill="url(#sky)"/>
	<circle cx="860" cy="372" r="74" fill="#ffe2a8"/>
	<path d="M0 430 250 250 420 352 640 190 880 378 1040 290 1280 430Z" fill="#2b3763"/>
	<rect y="430" width="1280" height="290" fill="url(#lake)"/>
	<path d="M800 470h120M780 505h160M810 545h100" stroke="#ffe2a8" stroke-width="8" stroke-linecap="round" opacity=".7"/>
	<path d="M380 400 380 540 280 540ZM392 430 392 540 462 540Z" fill="#fff4e0"/>
	<path d="M262 556H484L448 600H300Z" fill="#7c2f2f"/>`,
);

/** A red robot in front of a light wall. */
const ROBOT = svg(
	768,
	768,
	`<rect width="768" height="768" fill="#e8eef2"/>
	<path d="M384 190V120" stroke="#7a1f26" stroke-width="14"/><circle cx="384" cy="108" r="24" fill="#ffcf4a"/>
	<rect x="244" y="190" width="280" height="210" rx="44" fill="#d8434e"/>
	<circle cx="322" cy="290" r="38" fill="#fff"/><circle cx="446" cy="290" r="38" fill="#fff"/>
	<circle cx="330" cy="294" r="17" fill="#23262b"/><circle cx="438" cy="294" r="17" fill="#23262b"/>
	<path d="M330 356H438" stroke="#7a1f26" stroke-width="14" stroke-linecap="round"/>
	<rect x="270" y="420" width="228" height="190" rx="30" fill="#b93640"/>
	<path d="M262 450 196 560M506 450 572 560" stroke="#d8434e" stroke-width="38" stroke-linecap="round"/>
	<path d="M330 620V690M438 620V690" stroke="#7a1f26" stroke-width="44" stroke-linecap="round"/>`,
);

/** A yellow bird on a green meadow. */
const BIRD = svg(
	768,
	768,
	`<rect width="768" height="768" fill="#bfe3f5"/><path d="M0 600Q384 520 768 600V768H0Z" fill="#7dbb6a"/>
	<ellipse cx="384" cy="430" rx="170" ry="190" fill="#ffd046"/>
	<ellipse cx="300" cy="450" rx="72" ry="116" fill="#f0b51f" transform="rotate(18 300 450)"/>
	<circle cx="420" cy="250" r="112" fill="#ffd046"/>
	<circle cx="456" cy="232" r="20" fill="#23262b"/><circle cx="462" cy="226" r="6" fill="#fff"/>
	<path d="M520 250 604 274 516 300Z" fill="#f07f2e"/>
	<path d="M346 610V668M422 610V668" stroke="#f07f2e" stroke-width="16" stroke-linecap="round"/>`,
);

/** Draws the images. The service wants at least 300 pixels for a first frame, 400 for a reference. */
export async function drawImages(): Promise<Record<'lake' | 'robot' | 'bird', FileSpec>> {
	const png = async (name: string, drawing: string) => ({
		content: await sharp(Buffer.from(drawing)).png().toBuffer(),
		fileName: `${name}.png`,
		mimeType: 'image/png',
	});
	return {
		lake: await png('lake', LAKE),
		robot: await png('robot', ROBOT),
		bird: await png('bird', BIRD),
	};
}
