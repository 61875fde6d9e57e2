// What n8n checks before it verifies a community package, on the local files and without a network: `npm run scan`.
//
// The official scanner (@n8n/scan-community-package) takes a published package: it lints the source that the package
// was built from and the files that it ships. Here its own code does the same with this folder and with what
// `npm pack` makes of it. Its rules may be older than the newest ones of @n8n/eslint-plugin-community-nodes, and it lets
// warnings pass; so those run as well, and a warning counts.
import { n8nCommunityNodesPlugin } from '@n8n/eslint-plugin-community-nodes';
import { ESLint } from 'eslint';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** What a published package is linted by, beside the official scanner's patterns for the source. */
const PACKAGE_PATTERNS = ['**/*.js', 'package.json'];

function versionOf(name) {
	const require = createRequire(import.meta.url);
	const folders = require.resolve.paths(name).map((folder) => join(folder, name));
	const folder = folders.find((candidate) => existsSync(join(candidate, 'package.json')));
	return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).version;
}

function run(command, args, cwd) {
	const shell = process.platform === 'win32';
	const { status, stdout, stderr, error } = spawnSync(command, args, {
		cwd,
		shell,
		encoding: 'utf8',
	});
	if (error) throw error;
	if (status !== 0) throw new Error(`${command} ${args.join(' ')} failed:\n${stderr}`);
	return stdout;
}

/** Packs this package into `target` and unpacks it there. Returns the folder. */
function packed(target) {
	const [{ filename }] = JSON.parse(
		run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', target], root),
	);
	run('tar', ['-xzf', filename], target);
	return join(target, 'package');
}

/** The official scanner's configuration with the newest rules in place of its own. */
async function newestConfig(buildScanConfig) {
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
async function lint(folder, patterns, config) {
	const eslint = new ESLint({
		cwd: folder,
		allowInlineConfig: false,
		overrideConfigFile: true,
		overrideConfig: config,
	});
	const results = await eslint.lintFiles(patterns);
	const isClean = results.every((result) => result.errorCount + result.warningCount === 0);
	const formatter = await eslint.loadFormatter('stylish');
	return { files: results.length, finding: isClean ? '' : await formatter.format(results) };
}

let failed = false;

/** Prints one check with what it looked at; `finding` is '' where there is none. */
function report(check, lookedAt, finding) {
	failed ||= finding !== '';
	console.log(`${finding === '' ? 'ok    ' : 'FAILED'} ${check}: ${lookedAt}`);
	if (finding !== '') console.log(finding);
}

/** Where the provenance of a published version must point: n8n reads the source from there. */
function repositoryFinding({ repository }) {
	const url = typeof repository === 'string' ? repository : repository?.url;
	return /^git\+https:\/\/github\.com\/[\w.-]+\/[\w.-]+\.git$/.test(url ?? '')
		? ''
		: `"repository" must be a public GitHub address, not ${url}`;
}

const work = mkdtempSync(join(tmpdir(), 'scan-'));
// The scanner makes a folder of its own when it is loaded, and leaves it behind
process.env.TMPDIR = work;
try {
	const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
	const missing = [...manifest.n8n.credentials, ...manifest.n8n.nodes].filter(
		(path) => !existsSync(join(root, path)),
	);
	if (missing.length > 0)
		throw new Error(`Missing: ${missing.join(', ')}. Run \`npm run build\` first.`);

	const { analyzePackage, buildScanConfig, SOURCE_FILE_PATTERNS } = await import(
		'@n8n/scan-community-package/scanner/scanner.mjs'
	);
	const legs = [
		{ name: 'source', folder: root, patterns: SOURCE_FILE_PATTERNS },
		{ name: 'tarball', folder: packed(work), patterns: PACKAGE_PATTERNS },
	];
	const official = `official scanner ${versionOf('@n8n/scan-community-package')}`;
	const rules = `community-nodes rules ${versionOf('@n8n/eslint-plugin-community-nodes')}`;
	const config = await newestConfig(buildScanConfig);
	for (const { name, folder: at, patterns } of legs) {
		const { passed, message, details } = await analyzePackage(at, patterns);
		report(`${official} on the ${name}`, patterns.join(', '), passed ? '' : (details ?? message));
		const { files, finding } = await lint(at, patterns, config);
		report(`${rules} on the ${name}, warnings too`, `${files} files`, finding);
	}

	report('repository', 'where the provenance will point', repositoryFinding(manifest));
	console.log('not looked at: the npm provenance itself, which exists once a version is published');
} finally {
	rmSync(work, { recursive: true, force: true });
}
if (failed) process.exit(1);
