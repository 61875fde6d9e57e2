// The page of the demo: each video beside its prompt and its item, and what faults look like. One file, no network.
import type { IDataObject } from 'n8n-workflow';

/** A video of the demo. Files are named as they lie beside the page. */
export interface ShownVideo {
	readonly name: string;
	readonly prompt: string;
	/** Undefined where the step did not get that far. */
	readonly video: string | undefined;
	readonly cover: string | undefined;
	/** The item's json; undefined like the video. */
	readonly json: IDataObject | undefined;
}

/** A fault of the service, and what the user sees of it, step by step, by its label. */
export interface ShownFault {
	readonly title: string;
	/** What happened, and what the node made of it. */
	readonly story: string;
	readonly steps: Readonly<Record<string, unknown>>;
}

/** Text as it stands in HTML. */
function escaped(text: string): string {
	const entities: Record<string, string> = {
		'&': '&amp;',
		'<': '&lt;',
		'>': '&gt;',
		'"': '&quot;',
	};
	return text.replace(/[&<>"]/g, (character) => entities[character]);
}

function jsonBlock(label: string, json: unknown): string {
	const text = escaped(JSON.stringify(json ?? null, null, 2));
	return `<details open><summary>${escaped(label)}</summary><pre>${text}</pre></details>`;
}

function videoSection({ name, prompt, video, cover, json }: ShownVideo): string {
	const poster = cover === undefined ? '' : ` poster="${escaped(cover)}"`;
	const player =
		video === undefined
			? '<p class="none">No video</p>'
			: `<video src="${escaped(video)}"${poster} controls loop muted autoplay playsinline></video>`;
	return `<section>
<div>${player}</div>
<div><h2>${escaped(name)}</h2><blockquote>${escaped(prompt)}</blockquote>${jsonBlock('The item that the node puts out', json)}</div>
</section>`;
}

function faultSection({ title, story, steps }: ShownFault): string {
	const blocks = Object.entries(steps)
		.map(([label, json]) => jsonBlock(label, json))
		.join('\n');
	return `<article><h2>${escaped(title)}</h2><p>${escaped(story)}</p>${blocks}</article>`;
}

const STYLE = `
:root { color-scheme: light dark; --ink: #1d1b26; --paper: #faf8f5; --card: #fff; --line: #ddd6cc; --accent: #b4532a; }
@media (prefers-color-scheme: dark) { :root { --ink: #ece8f3; --paper: #16141d; --card: #201d2a; --line: #3a3547; --accent: #f2a65a; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 72rem; padding: 2rem 1.25rem 4rem; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
h1 { margin: 0 0 .25rem; } h2 { margin: 0 0 .5rem; font-size: 1.15rem; color: var(--accent); } h1 + p { margin-top: 0; }
section, article { background: var(--card); border: 1px solid var(--line); border-radius: .75rem; padding: 1.25rem; margin: 1.25rem 0; }
section { display: grid; grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); gap: 1.25rem; align-items: start; }
@media (max-width: 48rem) { section { grid-template-columns: minmax(0, 1fr); } }
video { display: block; width: 100%; border-radius: .5rem; background: #000; }
blockquote { margin: 0 0 1rem; padding-left: .75rem; border-left: 3px solid var(--accent); }
summary { cursor: pointer; } pre { overflow: auto; max-height: 18rem; margin: .5rem 0; padding: .75rem; border: 1px solid var(--line); border-radius: .5rem; font-size: .8rem; white-space: pre-wrap; overflow-wrap: anywhere; }
.none { color: var(--accent); }`;

/** The whole page. `note`: where the videos come from. */
export function demoPage(
	note: string,
	videos: readonly ShownVideo[],
	faults: readonly ShownFault[],
): string {
	const faultPart =
		faults.length === 0
			? ''
			: `<h1>What faults look like</h1>\n${faults.map(faultSection).join('\n')}`;
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
${videos.map(videoSection).join('\n')}
${faultPart}
</body>
</html>
`;
}
