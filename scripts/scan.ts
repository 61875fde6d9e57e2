// `npm run scan`, after a build: what n8n checks before it verifies a community package, on local files and offline.
//
// The official scanner (@n8n/scan-community-package) takes a published package: it lints the source that the package
// was built from and the files that it ships. Here its own code does the same with this folder and with what
// `npm pack` makes of it. Its rules may be older than the newest ones of @n8n/eslint-plugin-community-nodes, and it lets
// warnings pass; so those run as well, and a warning counts.
/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals -- a script: it runs in Node, never in n8n */
import { ESLint, type Linter } from 'eslint';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { repository } from '../package.json';
import { print, ROOT, runCommand } from '../tools/command';
import { pack, unpack } from '../tools/pack';

/** What a published package is linted by, beside the official scanner's patterns for the source. */
const PACKAGE_PATTERNS = ['**/*.js', 'package.json'];

const isConfig = (value: unknown): value is Linter.Config =>
	typeof value === 'object' && value !== null;

/** What is used of the official scanner, which comes without types. */
const scannerShape = z.object({
	SOURCE_FILE_PATTERNS: z.array(z.string()),
	buildScanConfig: z.function(z.tuple([]), z.promise(z.array(z.custom<Linter.Config>(isConfig)))),
	analyzePackage: z.function(
		z.tuple([z.string(), z.array(z.string())]),
		z.promise(
			z.object({
				passed: z.boolean(),
				message: z.string().optional(),
				details: z.string().optional(),
			}),
		),
	),
});

type Scanner = z.infer<typeof scannerShape>;

/** The official scanner's configuration with the newest rules in place of its own. */
async function newestConfig({ buildScanConfig }: Scanner): Promise<Linter.Config[]> {
	const { n8nCommunityNodesPlugin } = await import('@n8n/eslint-plugin-community-nodes');
	const namespace = '@n8n/community-nodes';
	const blocks = await buildScanConfig();
	const newest = blocks.map((block) =>
		block.plugins?.[namespace] ? n8nCommunityNodesPlugin.configs.recommended : block,
	);
	if (newest.every((block, n) => block === blocks[n])) {
		throw new Error(`The official scanner has no block for ${namespace} any more`);
	}
	return newest;
}

/** Lints as the official scanner does (inline disables do not count), but a warning is a finding too. */
async function lint(cwd: string, patterns: string[], overrideConfig: Linter.Config[]) {
	const eslint = new ESLint({
		cwd,
		allowInlineConfig: false,
		overrideConfigFile: true,
		overrideConfig,
	});
	const results = await eslint.lintFiles(patterns);
	const isClean = results.every((result) => result.errorCount + result.warningCount === 0);
	const formatter = await eslint.loadFormatter('stylish');
	return { files: results.length, finding: isClean ? '' : await formatter.format(results) };
}

/** Prints one check with what it looked at; `finding` is '' where there is none. */
function report(check: string, lookedAt: string, finding: string): void {
	print(`${finding === '' ? 'ok    ' : 'FAILED'} ${check}: ${lookedAt}`);
	if (finding === '') return;
	print(finding);
	process.exitCode = 1;
}

async function scan(work: string): Promise<void> {
	const { tarball } = pack(work);
	const unpacked = join(work, 'package');
	unpack(tarball, unpacked);

	// Not by a literal name: TypeScript would look for types that are not there
	const file: string = '@n8n/scan-community-package/scanner/scanner.mjs';
	const scanner = scannerShape.parse(await import(file));
	const legs = [
		{ name: 'source', folder: ROOT, patterns: scanner.SOURCE_FILE_PATTERNS },
		{ name: 'tarball', folder: unpacked, patterns: PACKAGE_PATTERNS },
	];
	const config = await newestConfig(scanner);
	for (const { name, folder, patterns } of legs) {
		const { passed, message, details } = await scanner.analyzePackage(folder, patterns);
		const said = details ?? message ?? 'it does not say why';
		report(`official scanner on the ${name}`, patterns.join(', '), passed ? '' : said);
		const { files, finding } = await lint(folder, patterns, config);
		report(`newest rules on the ${name}, warnings too`, `${files} files`, finding);
	}

	// n8n reads the source from where the provenance of a published version points
	const isPublic = /^git\+https:\/\/github\.com\/[\w.-]+\/[\w.-]+\.git$/.test(repository.url);
	const finding = `"repository" must be a public GitHub address, not ${repository.url}`;
	report('repository', 'where the provenance will point', isPublic ? '' : finding);
	print('not looked at: the npm provenance itself, which exists once a version is published');
}

void runCommand(async () => {
	const work = mkdtempSync(join(tmpdir(), 'scan-'));
	// The scanner makes a folder of its own when it is loaded, and leaves it behind
	process.env.TMPDIR = work;
	try {
		await scan(work);
	} finally {
		rmSync(work, { recursive: true, force: true });
	}
});
