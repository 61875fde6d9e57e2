// The page that the demo leaves: all videos and faults are in it, nothing is loaded from elsewhere, and texts stay texts.
import { demoPage } from '../scripts/demo/page';

const HOSTILE = '"><script src="https://evil.example/x.js"></script><img onerror=alert(1)>';

const page = demoPage(
	HOSTILE,
	[
		{ name: 'One', prompt: HOSTILE, video: '1.mp4', cover: '1.jpg', json: { a: HOSTILE } },
		{ name: 'Two', prompt: 'A horse', video: undefined, cover: undefined, json: undefined },
	],
	[{ title: 'Refused', story: HOSTILE, steps: { [HOSTILE]: { b: HOSTILE } } }],
);

/** All tags of the page. */
const tags = page.match(/<[^>]+>/g) ?? [];

it('shows each video beside its prompt and its item, and each fault', () => {
	expect(page).toContain('<video src="1.mp4" poster="1.jpg"');
	expect(page.match(/<section>/g)).toHaveLength(2);
	expect(page).toContain('No video');
	expect(page.match(/<pre>/g)).toHaveLength(3);
	expect(page).toContain('<h2>Refused</h2>');
});

it('loads nothing but the files beside it, whatever a prompt or an answer holds', () => {
	const sources = tags.flatMap((tag) => tag.match(/\b(?:src|href|poster)="[^"]*"/g) ?? []);
	expect(sources).toEqual(['src="1.mp4"', 'poster="1.jpg"']);
	expect(tags.filter((tag) => /^<(script|img|link|iframe)/i.test(tag))).toEqual([]);
	expect(page).not.toMatch(/@import|url\(/);
});

it('is readable by day and by night', () => {
	expect(page).toContain('color-scheme: light dark');
	expect(page).toContain('prefers-color-scheme: dark');
});
