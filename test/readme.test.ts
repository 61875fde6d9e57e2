// What the README and docs say, checked against the code: commands, fields, defaults, messages, limits and examples.
/* eslint-disable @n8n/community-nodes/no-restricted-imports -- a test tool: it runs in Node, never in n8n */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { INodeParameters, INodeProperties } from 'n8n-workflow';
import { HappyHorseApi } from '../credentials/HappyHorseApi.credentials';
import { HappyHorseModelStudioApi } from '../credentials/HappyHorseModelStudioApi.credentials';
import { properties } from '../nodes/HappyHorse/description';
import { dryRunJson, taskJson } from '../nodes/HappyHorse/output/item';
import { summary } from '../nodes/HappyHorse/output/summary';
import type { KnownTask } from '../nodes/HappyHorse/domain/task';
import { exampleNames } from '../tools/n8n/furnish';
import { NODE_TYPE, type NodeSpec } from '../tools/engine/engine';
import { useWorld } from './engine/world';
import { imageFile } from '../tools/images';
import { manual, page, PAGES, readme, root, rowsOf, section } from './readmeText';
import { jobOf, spending } from './task/scriptedRun';

const troubleshooting = page('docs/troubleshooting.md');
const rows = rowsOf(manual);

it('CONTRIBUTING.md quotes its example as it is', () => {
	const example = readFileSync(join(root, 'test/engine/example.test.ts'), 'utf8');
	const quoted = example.replace(/^.*\n/, '');
	expect(readFileSync(join(root, 'CONTRIBUTING.md'), 'utf8')).toContain(
		`\`\`\`ts\n${quoted}\`\`\``,
	);
});

it('every command is a script of the package', () => {
	const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
		scripts: Record<string, string>;
	};
	const named = [...manual.matchAll(/npm run ([\w:]+)/g)].map(([, name]) => name);
	expect(named.filter((name) => !(name in scripts))).toEqual([]);
});

describe('fields', () => {
	const collections = properties.flatMap(({ options = [] }) => options);
	const nested = collections.flatMap((option): INodeProperties[] => {
		if ('values' in option) return option.values;
		return 'displayName' in option ? [option] : [];
	});
	const all = [
		...properties,
		...nested,
		...new HappyHorseApi().properties,
		...new HappyHorseModelStudioApi().properties,
	];

	/** A default as the README writes it: the label of a choice, `—` for nothing. */
	function written({ default: value, options = [] }: INodeProperties): string {
		const choice = options.find((option) => 'value' in option && option.value === value);
		const text = String(choice ? choice.name : value);
		return text === '' || typeof value === 'object' ? '—' : `\`${text}\``;
	}

	const inTables = all.filter(
		({ displayName, type }) =>
			type !== 'notice' &&
			!['Resource', 'Operation', 'Options', 'Source'].includes(displayName) &&
			!(displayName === 'Image' && type !== 'string'),
	);

	it.each([...new Set(inTables.map(({ displayName }) => displayName))])(
		'%s is in a table, with its default',
		(label) => {
			const defaults = new Set(
				inTables.filter(({ displayName }) => displayName === label).map(written),
			);
			const told = new Set(rows.filter(([name]) => name === label).map((row) => row[1]));
			expect(told).toEqual(defaults);
		},
	);

	/** The numbers of a text; with MB, as a ratio (1:2.5) or as a size (300 × 300) where they are one. Not those in words. */
	const numbersIn = (text: string) =>
		text
			.replace(/\u00a0/g, ' ')
			.replace(/(\d) ?[x×] ?(\d)/g, '$1 × $2')
			.match(/(?<![\w.])\d+(?:\.\d+)?(?:(?::| × )\d+(?:\.\d+)?| MB)?/g) ?? [];

	/** What the editor says about a field; its placeholder is only an example. */
	const textsOf = ({ description = '', hint = '', options = [] }: INodeProperties) => [
		description,
		hint,
		...options.flatMap((option) =>
			'value' in option ? [option.name, option.description ?? ''] : [],
		),
	];

	/** What the README says about a field: "the same limits" are those of the row above. */
	const toldOf = (label: string) =>
		rows.flatMap((row, index) => {
			if (row[0] !== label) return [];
			const told = row.slice(2);
			return /the same limits/i.test(told.join()) ? [...rows[index - 1].slice(2), ...told] : told;
		});

	const stated = new Map<string, string[]>();
	for (const field of inTables) {
		const numbers = textsOf(field).flatMap(numbersIn);
		if (numbers.length === 0) continue;
		stated.set(field.displayName, [...(stated.get(field.displayName) ?? []), ...numbers]);
	}

	it('state numbers that the README can be held to', () => {
		expect(stated.get('Image URL')).toEqual(
			expect.arrayContaining(['10 MB', '300 × 300', '1:2.5', '2.5:1']),
		);
		expect(stated.size).toBeGreaterThan(9);
	});

	it.each([...stated])('%s has the numbers of its texts in its rows', (label, numbers) => {
		const told = new Set(toldOf(label).flatMap(numbersIn));
		expect(numbers.filter((number) => !told.has(number))).toEqual([]);
	});

	it('are no others than the node has', () => {
		const tables = /\n\| (?:Field|Option)\s[^\n]*\n[^\n]*\n((?:\|[^\n]*\n)+)/g;
		const named = [...manual.matchAll(tables)].flatMap(([, body]) =>
			body
				.trim()
				.split('\n')
				.map((line) => line.split('|')[1].trim()),
		);
		const labels = new Set(all.map(({ displayName }) => displayName));
		expect(named.length).toBeGreaterThan(20);
		expect(named.filter((name) => !labels.has(name))).toEqual([]);
	});

	it('have all their choices named', () => {
		const choices = all.flatMap(({ displayName, options = [] }) =>
			options.flatMap((option) =>
				'value' in option && displayName !== 'Resource' ? [option.name.replace(/ \(.*\)/, '')] : [],
			),
		);
		expect(choices.filter((choice) => !manual.includes(choice))).toEqual([]);
	});
});

it('what comes out is named key by key, and no other key', () => {
	const order = { taskId: 't', model: 'm', createdAt: '2026-01-01T00:00:00Z', requestId: 'r' };
	const task: Required<KnownTask> = {
		...order,
		state: 'failed',
		status: 'failed',
		completedAt: '2026-01-01T00:01:00Z',
		videos: [{ url: 'u', coverUrl: 'c', width: 1, height: 1, durationSeconds: 1 }, { url: 'v' }],
		error: { code: 'c', text: 'm' },
		billedSeconds: 1,
	};
	const job = jobOf(0, { pricePerSecond: 1 });
	const json = taskJson(job, task, 5);
	const lookedUp = taskJson({ ...job, mode: undefined }, task, 0);
	const all = [taskJson(job, order, 5), json, lookedUp, dryRunJson(json, {})];
	const keys = all.flatMap(Object.keys);
	const named = rowsOf(section('## What comes out')).flatMap(([cell]) =>
		[...cell.matchAll(/`(\w+)`/g)].map(([, key]) => key),
	);
	expect(named.sort()).toEqual([...new Set(keys)].sort());
});

describe('troubleshooting', () => {
	/** The code of a file of the node, or of all files of a folder. */
	function codeOf(path: string): string {
		const full = join(root, 'nodes/HappyHorse', path);
		if (path.endsWith('.ts')) return readFileSync(full, 'utf8');
		const files = readdirSync(full).filter((file) => file.endsWith('.ts'));
		return files.map((file) => readFileSync(join(full, file), 'utf8')).join('\n');
	}

	/** The longest fixed piece of each text that stands behind `start` in the code. */
	function fixedPieces(path: string, start: RegExp): string[] {
		const text = /\s*(?:`([^`\n]*)`|'([^'\n]*)'|"([^"\n]*)")/;
		const found = codeOf(path).matchAll(new RegExp(start.source + text.source, 'gm'));
		return [...found].flatMap(([, ...texts]) => {
			const literal = texts.find((one) => one !== undefined) ?? '';
			// Advice is told in sentences, a message is none
			if (/\. ?$/.test(literal)) return [];
			// What is filled in goes; of a template in a template, the code up to its end does
			const pieces = literal
				.replace(/\$\{[^}]*\}/g, '\0')
				.replace(/\$\{.*$/, '')
				.split('\0');
			return pieces.sort((a, b) => b.length - a.length)[0].trim();
		});
	}

	it.each([
		['domain/failure.ts', /new Failure\('\w+',/, 2],
		['request', /invalidInput\(/, 25],
		['request', /unfit\(\s*name,/, 3],
		['task', /invalidInput\(/, 2],
		['task', /(?:new Failure\('\w+',|notOrdered\(|message =|: \[)/, 16],
		['task/messages.ts', /(?:^\t\t+(?:[?:]|\w+:)|messages\[reason\] \?\?) /, 7],
		['task/messages.ts', /=> \[/, 15],
		['service/account.ts', /message:/, 8],
		['service/credentialCheck.ts', /(?=['`](?:[A-Z]|\$\{)[^'`\n]{20})/, 12],
		['output', /const message =/, 1],
	])('lists every message (%s, %p)', (path, start, atLeast) => {
		const pieces = fixedPieces(path, start);
		expect(pieces.length).toBeGreaterThanOrEqual(atLeast);
		const isListed = (piece: string) =>
			piece.startsWith('Connection') || troubleshooting.includes(piece);
		expect(pieces.filter((piece) => !isListed(piece))).toEqual([]);
	});
});

it('Compatibility names the versions of n8n that the end-to-end tests know, each with a Node that it runs on', () => {
	const file = readFileSync(join(root, 'tools/n8n/install.ts'), 'utf8');
	const known = file.matchAll(/^\t'([\d.]+)': \{\n\t\tnodes: \[([\d, ]+)\]/gm);
	const nodes = new Map([...known].map(([, version, list]) => [version, list.split(', ')]));
	const rowsOfE2e = rowsOf(section('## Compatibility')).filter(([, , how]) =>
		how.startsWith('`npm run e2e'),
	);
	expect(nodes.size).toBeGreaterThan(2);
	expect(rowsOfE2e.map(([version]) => version).sort()).toEqual([...nodes.keys()].sort());
	for (const [version, node] of rowsOfE2e) expect(nodes.get(version)).toContain(node);
});

describe('links', () => {
	const slug = (heading: string) =>
		heading
			.toLowerCase()
			.replace(/[^\w\s-]/g, '')
			.replace(/\s/g, '-');
	const slugsOf = (text: string) =>
		[...text.matchAll(/^#+ (.*)$/gm)].map(([, heading]) => slug(heading));
	const targetsOf = (text: string) =>
		[...text.matchAll(/\]\((?!https?:)([^)]+)\)/g)].map(([, target]) => target);

	it.each(PAGES)('of %s lead to files of the repository, and to headings in them', (path) => {
		const text = page(path);
		const broken = targetsOf(text).filter((target) => {
			const [file, heading] = target.split('#');
			const full = file === '' ? join(root, path) : join(root, dirname(path), file);
			if (!existsSync(full)) return true;
			return heading !== undefined && !slugsOf(readFileSync(full, 'utf8')).includes(heading);
		});
		expect(broken).toEqual([]);
	});

	it('of the README lead to every page', () => {
		const targets = new Set(targetsOf(readme).map((target) => target.split('#')[0]));
		expect(PAGES.filter((path) => path !== 'README.md' && !targets.has(path))).toEqual([]);
	});

	it('of the credential lead to a heading of the README', () => {
		const documented = String(new HappyHorseApi().documentationUrl).split('#')[1];
		expect(slugsOf(readme)).toContain(documented);
	});
});

it('the list of example workflows is complete', () => {
	const listed = rowsOf(page('examples/README.md')).flatMap(
		([cell]) => /\]\(([\w-]+)\.json\)/.exec(cell)?.[1] ?? [],
	);
	expect(listed.sort()).toEqual(exampleNames().sort());
});

it('what a run has cost is quoted as it is told', () => {
	const ledger = { budget: spending(Array.from({ length: 6 }, () => 7)), resumed: new Set([6, 7]) };
	const cost = summary(ledger, { unsure: [] }, spending([]), []);
	expect(page('docs/money-and-retries.md').replace(/\n/g, ' ')).toContain(`\`${cost}\``);
});

describe('examples', () => {
	const snippets = [...manual.matchAll(/```json\n([^]*?)```/g)].map(
		([, text]) => JSON.parse(text) as { nodes: NodeSpec[] },
	);
	const nodes = snippets
		.flatMap((snippet) => snippet.nodes)
		.filter(({ type }) => type === NODE_TYPE);

	const world = useWorld();
	let image: Buffer;

	beforeAll(async () => {
		image = await imageFile('png', 640, 480);
	});

	it('are there for every operation that needs one', () => {
		expect(nodes.map(({ parameters }) => parameters?.operation ?? 'textToVideo')).toEqual([
			'textToVideo',
			'join',
			'textToVideo',
			'imageToVideo',
			'referenceToVideo',
			'editVideo',
			'wait',
			'join',
		]);
	});

	it.each(nodes.map(({ name, parameters }) => [name, parameters] as const))(
		'%s runs as it stands there',
		async (_name, parameters: INodeParameters | undefined) => {
			const earlier = await world.engine.runNode({ parameters: { prompt: 'A horse' } });
			const json = {
				prompt: 'A cardboard city',
				images: ['https://example.com/a.png', 'https://example.com/b.png'],
				video_url: 'https://example.com/video.mp4',
				task_id: earlier.items[0].json.task_id,
			};
			const isFilm = parameters?.resource === 'film';
			const isDry = Object(parameters?.options).dryRun === true;
			const data = isFilm
				? (earlier.items[0].binary?.data ?? { data: '', mimeType: '' })
				: { content: image, fileName: 'image.png', mimeType: 'image/png' };
			const { status, items, error } = await world.engine.runNode({
				parameters,
				items: [{ json, binary: { data } }],
			});
			expect({ status, error }).toEqual({ status: 'success', error: undefined });
			expect(items[0].json).toMatchObject(
				isFilm ? { duration: 5 } : { status: isDry ? 'dry_run' : 'succeeded' },
			);
			expect(items[0].binary?.data).toMatchObject({ mimeType: 'video/mp4' });
		},
	);
});
