// The page that the demo leaves: all of a run is in it, nothing is loaded from elsewhere, and texts stay texts.
import { demoPage } from '../scripts/demo/page';

const HOSTILE = '"><script src="https://evil.example/x.js"></script><img onerror=alert(1)>';

const shown = { prompt: HOSTILE, cover: '1.jpg', json: { a: HOSTILE } };
const figures = { videos: 12, errors: 2, saved: 5 };

const page = demoPage({
	note: HOSTILE,
	figures,
	film: { video: 'film.mp4', json: {} },
	videos: [
		{ ...shown, name: 'One', inputs: [], video: '1.mp4' },
		{ ...shown, name: 'Two', inputs: ['1.jpg', '1.mp4'], video: '2.mp4' },
		{ ...shown, name: 'Three', inputs: [], video: undefined, cover: undefined, json: undefined },
	],
	faults: [{ title: 'Refused', story: HOSTILE, steps: { [HOSTILE]: { b: HOSTILE } }, figures }],
});

/** All tags of the page. */
const tags = page.match(/<[^>]+>/g) ?? [];

it('begins with the figures and the film', () => {
	const [clips] = /^[^]*?<section>/.exec(page) ?? [];
	expect(clips).toMatch(/<b>12<\/b> videos[^]*<b>2<\/b> errors[^]*<b>5<\/b> payments/);
	expect(clips).toContain('src="film.mp4"');
});

it('shows each video beside its prompt and what it was made of, and each fault', () => {
	const sections = page.match(/<section>[^]*?<\/section>/g) ?? [];
	expect(sections.map((section) => section.match(/(?<=src=")[^"]*/g))).toEqual([
		['1.mp4'],
		['1.jpg', '1.mp4', '2.mp4'],
		null,
	]);
	expect(sections[2]).toContain('No video');
	expect(page).toContain('<h2>Refused</h2>');
});

it('keeps all JSON folded away', () => {
	expect(page.match(/<details><summary>[^]*?<pre>/g)).toHaveLength(5);
	expect(page.match(/<pre>/g)).toHaveLength(5);
});

it('loads nothing but the files beside it, whatever a prompt or an answer holds', () => {
	const sources = tags.flatMap((tag) => tag.match(/\b(?:src|href|poster)="[^"]*"/g) ?? []);
	expect(sources.filter((source) => !/^(?:src|poster)="[\w.]+"$/.test(source))).toEqual([]);
	expect(tags.filter((tag) => /^<(script|link|iframe)|\son\w+=/i.test(tag))).toEqual([]);
	expect(page).not.toMatch(/@import|url\(/);
});

it('is readable by day and by night', () => {
	expect(page).toContain('color-scheme: light dark');
	expect(page).toContain('prefers-color-scheme: dark');
});
