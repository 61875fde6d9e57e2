// The package as a user gets it: built, packed, and put where n8n's own installer of community nodes puts it.
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './install.mjs';
import { run } from './processes.mjs';

const NAME = 'n8n-nodes-happyhorse';

/** Builds and packs the package. Returns the path of the tarball, in `folder`. */
export async function pack(folder, log) {
	// CI: no moving pictures in the log
	const options = { cwd: ROOT, log, env: { ...process.env, CI: 'true' } };
	await run('npm', ['run', 'build'], options);
	await run('npm', ['pack', '--pack-destination', folder], options);
	const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz'));
	return join(folder, tarball);
}

/**
 * Puts the package into the folder of an n8n user, step by step as n8n does it (2.8: its community-packages.service):
 * unpacked, without dev, peer and optional dependencies, and the rest installed without scripts.
 */
export async function installPackage(tarball, userFolder, log) {
	const nodes = join(userFolder, '.n8n', 'nodes');
	const folder = join(nodes, 'node_modules', NAME);
	mkdirSync(folder, { recursive: true });
	await run('tar', ['-xzf', tarball, '-C', folder, '--strip-components=1'], { log });
	const file = join(folder, 'package.json');
	const { devDependencies, peerDependencies, optionalDependencies, ...manifest } = JSON.parse(
		readFileSync(file, 'utf8'),
	);
	writeFileSync(file, JSON.stringify(manifest, null, 2));
	const flags = ['--audit=false', '--fund=false', '--bin-links=false', '--ignore-scripts=true'];
	const shallow = ['--install-strategy=shallow', '--package-lock=false'];
	await run('npm', ['install', ...flags, ...shallow], { cwd: folder, log });
	const installed = { private: true, dependencies: { [NAME]: manifest.version } };
	writeFileSync(join(nodes, 'package.json'), JSON.stringify(installed));
}
