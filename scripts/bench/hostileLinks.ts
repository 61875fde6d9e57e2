// What a public webhook may bring in place of a link to an image: made to be slow to look at.
const MB = 1024 * 1024;

/** A `data:` URL of a file that begins as an image of this type, and goes on with zeros. */
function dataUrl(type: string, head: number[], bytes: number): string {
	const file = Buffer.concat([Buffer.from(head), Buffer.alloc(bytes)]);
	return `data:image/${type};base64,${file.toString('base64')}`;
}

/** Links of which none leads to an image. */
export function hostileLinks(): string[] {
	const blanks = ' '.repeat(80_000);
	return [
		`data:image/png,${'A'.repeat(60_000)}`,
		`data:${';base64'.repeat(100_000)}`,
		`https://a.example/${blanks}x`,
		`https://a.example/a.png${'\n'.repeat(80_000)}x`,
		','.repeat(500_000),
		'https://a.example/?'.repeat(50_000),
		dataUrl('jpeg', [0xff, 0xd8, 0xff, 0xe0], 9 * MB),
		dataUrl('jpeg', [0xff, 0xd8, 0xff, 0xff], 9 * MB),
		dataUrl('png', [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a], 9 * MB),
		dataUrl('heic', [0, 0, 0, 24, 0x66, 0x74, 0x79, 0x70, 0x68, 0x65, 0x69, 0x63], 5 * MB),
	];
}
