// The page of the demo: its figures, the film, each video beside what it was made of, and what faults look like. One file, no network.
import type { IDataObject } from 'n8n-workflow';

/** A video of the demo. Files are named as they lie beside the page. */
export interface ShownVideo {
	readonly name: string;
	readonly prompt: string;
	/** Images and videos that it was made of. */
	readonly inputs: readonly string[];
	/** Undefined where the step did not get that far. */
	readonly video: string | undefined;
	readonly cover: string | undefined;
	/** The item's json; undefined like the video. */
	readonly json: IDataObject | undefined;
}

/** What a run comes to: videos delivered, errors met, and orders that a retry did not have to pay for again. */
export interface Figures {
	readonly videos: number;
	readonly errors: number;
	readonly saved: number;
}

/** A fault of the service, and what the user sees of it, step by step, by its label. */
export interface ShownFault {
	readonly title: string;
	/** What happened, and what the node made of it. */
	readonly story: string;
	readonly steps: Readonly<Record<string, unknown>>;
	readonly figures: Figures;
}

/** All that the page shows. */
export interface Shown {
	/** Where the videos come from. */
	readonly note: string;
	/** Of the whole run. */
	readonly figures: Figures;
	/** The videos, joined. */
	readonly film: Pick<ShownVideo, 'video' | 'json'>;
	readonly videos: readonly ShownVideo[];
	readonly faults: readonly ShownFault[];
}

/** Text as it stands in HTML. */
function escaped(text: string): string {
	return text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

function jsonBlock(label: string, json: unknown): string {
	const text = escaped(JSON.stringify(json ?? null, null, 2));
	return `<details><summary>${escaped(label)}</summary><pre>${text}</pre></details>`;
}

function player(file: string | undefined, attributes = ''): string {
	if (file === undefined) return '<p class="none">No video</p>';
	return `<video src="${escaped(file)}"${attributes} controls muted autoplay loop playsinline></video>`;
}

function inputFigure(file: string): string {
	const isVideo = /\.(?:mp4|mov)$/i.test(file);
	const shown = isVideo ? player(file) : `<img src="${escaped(file)}" alt="">`;
	return `<figure>${shown}<figcaption>${isVideo ? 'Source video' : 'Image'}</figcaption></figure>`;
}

function videoSection({ name, prompt, inputs, video, cover, json }: ShownVideo): string {
	const poster = cover === undefined ? '' : ` poster="${escaped(cover)}"`;
	const given =
		inputs.length === 0 ? '' : `<div class="inputs">${inputs.map(inputFigure).join('')}</div>`;
	return `<section>
<div><h2>${escaped(name)}</h2><blockquote>${escaped(prompt)}</blockquote>${given}</div>
<div>${player(video, poster)}${jsonBlock('The output item', json)}</div>
</section>`;
}

function faultSection({ title, story, steps }: ShownFault): string {
	const blocks = Object.entries(steps)
		.map(([label, json]) => jsonBlock(label, json))
		.join('\n');
	return `<article><h2>${escaped(title)}</h2><p>${escaped(story)}</p>${blocks}</article>`;
}

function figureRow({ videos, errors, saved }: Figures): string {
	const cells = {
		'videos delivered': videos,
		'errors met': errors,
		'payments saved by a retry': saved,
	};
	const items = Object.entries(cells).map(([label, count]) => `<li><b>${count}</b> ${label}</li>`);
	return `<ul class="figures">${items.join('')}</ul>`;
}

const STYLE = `
:root { color-scheme: light dark; --ink: #1d1b26; --paper: #faf8f5; --card: #fff; --line: #ddd6cc; --accent: #b4532a; }
@media (prefers-color-scheme: dark) { :root { --ink: #ece8f3; --paper: #16141d; --card: #201d2a; --line: #3a3547; --accent: #f2a65a; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 64rem; padding: 2rem 1.25rem 4rem; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
h1 { margin: 2.5rem 0 .25rem; font-size: 1.6rem; line-height: 1.25; } h1:first-child { margin-top: 0; font-size: 2rem; } h1 + p { margin-top: 0; }
h2 { margin: 0 0 .5rem; font-size: 1.15rem; color: var(--accent); } figure { margin: 0; } figcaption { font-size: .85rem; opacity: .75; }
section, article, .figures li { background: var(--card); border: 1px solid var(--line); border-radius: .75rem; padding: 1.25rem; margin: 1.25rem 0; }
section, .figures { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 1.25rem; align-items: start; }
.figures { grid-template-columns: repeat(3, minmax(0, 1fr)); gap: .75rem; list-style: none; padding: 0; margin: 1.25rem 0; align-items: stretch; }
.figures li { margin: 0; padding: .75rem 1rem; line-height: 1.25; } .figures b { display: block; font-size: 2rem; line-height: 1.2; color: var(--accent); }
.inputs { display: grid; grid-template-columns: repeat(auto-fill, minmax(9rem, 1fr)); gap: .75rem; }
@media (max-width: 40rem) { body { padding: 1.25rem .9rem 3rem; } section { grid-template-columns: minmax(0, 1fr); } .figures { gap: .5rem; } .figures li { padding: .6rem; font-size: .85rem; } .figures b { font-size: 1.6rem; } }
video, img { display: block; width: 100%; border-radius: .5rem; background: #000; }
blockquote { margin: 0 0 1rem; padding-left: .75rem; border-left: 3px solid var(--accent); }
details { margin-top: .75rem; } summary { cursor: pointer; }
pre { overflow: auto; max-height: 18rem; margin: .5rem 0 0; padding: .75rem; border: 1px solid var(--line); border-radius: .5rem; font-size: .8rem; white-space: pre-wrap; overflow-wrap: anywhere; }
.none { color: var(--accent); }`;

/** The whole page. */
export function demoPage({ note, figures, film, videos, faults }: Shown): string {
	return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>HappyHorse in n8n: the demo</title>
<style>${STYLE}</style>
</head>
<body>
<h1>HappyHorse in n8n</h1>
<p>${escaped(note)}</p>
${figureRow(figures)}
<article><h2>The film: all clips, joined by the node</h2>${player(film.video)}${jsonBlock('The output item', film.json)}</article>
<h1>The clips, each beside what it was made of</h1>
${videos.map(videoSection).join('\n')}
<h1>What faults look like</h1>
${faults.map(faultSection).join('\n')}
</body>
</html>
`;
}
