// What happens around the runs of docs/advice.md: by the names that stand there.
/* eslint-disable @n8n/community-nodes/no-restricted-imports -- a script: it runs in Node, never in n8n */
import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ROOT } from '../../../tools/command';
import { heic, imageFile, mp4, pdf } from '../../../tools/images';
import { run } from '../../../tools/n8n/processes';
import { allEnded, restart } from '../runs';
import type { World } from '../world';

const CLIPS = join(ROOT, 'test/mp4/files');

/** Files by name: images, and the clips and sounds of the tests. The end of what is `late` is still to come. */
export async function adviceFiles(): Promise<Record<string, Buffer>> {
	const clips = readdirSync(CLIPS).map((name) => [name, readFileSync(join(CLIPS, name))] as const);
	const [good, film] = [await imageFile('png', 400, 400), mp4()];
	const spelled = (from: string, to: string) =>
		Buffer.from(film.toString('latin1').replaceAll(from, to), 'latin1');
	const otherHevc = readFileSync(join(CLIPS, 'hevc.mp4'));
	otherHevc[otherHevc.indexOf('hvcC') + 20] ^= 1;
	return {
		...Object.fromEntries(clips),
		...{ good, film, loser: good, heic: heic(), pdf: pdf(), large: mp4(101 * 1024 ** 2) },
		small: await imageFile('png', 200, 200),
		wide: await imageFile('png', 1200, 400),
		gif: await imageFile('gif', 400, 400),
		avif: await imageFile('avif', 400, 400),
		late: good.subarray(0, 200),
		lateFilm: film.subarray(0, 1500),
		...{ broken: spelled('stsz', 'none'), mpeg4: spelled('avc1', 'mp4v'), otherHevc },
	};
}

/** Where n8n keeps the files of its executions. */
export const storageOf = ({ n8n }: World) => join(n8n.folder, '.n8n/storage');

/** `failed`: the execution that is retried. */
export type Act = (this: void, failed?: string) => unknown;

export function actsIn(world: World, files: Record<string, Buffer>): Record<string, Act> {
	const { install, n8n, output, rest, simulator } = world;
	const storage = storageOf(world);
	/** With the library of n8n, which is built for its Node. */
	const sql = (statement: string) => async () => {
		const code = "new (require('sqlite3').Database)(process.argv[1]).exec(process.argv[2])";
		const args = ['-e', code, join(n8n.folder, '.n8n/database.sqlite'), statement];
		await run(install.node, args, { log: join(output, 'sql.log'), cwd: dirname(install.bin) });
	};
	const starts = (env: Record<string, string>) => async () => await restart(n8n, env);
	const WEBHOOK_URL = `http://n8n.example.com:${n8n.port}/`;
	const endTasks = () => {
		for (const task of simulator.tasks.values()) task.outcome = {};
	};
	return {
		endTasks,
		async endAll() {
			await allEnded(rest);
			endTasks();
		},
		async retryBeside(failed = '') {
			simulator.outcomes.push({ outcome: { result: 'never' } });
			// It is answered when that has ended
			rest.retry(failed).catch(() => {});
			await simulator.waitFor((requests) => requests.some(({ kind }) => kind === 'query'));
		},
		writeImage: () => (files.late = files.good),
		writeFilm: () => (files.lateFilm = files.film),
		breakStorage() {
			renameSync(storage, `${storage}.off`);
			writeFileSync(storage, '');
		},
		mendStorage() {
			rmSync(storage);
			renameSync(`${storage}.off`, storage);
		},
		dropNotes: sql('ALTER TABLE processed_data RENAME TO away'),
		restoreNotes: sql('ALTER TABLE away RENAME TO processed_data'),
		ageNotes: sql(
			`UPDATE execution_data SET data = replace(data, '1,"execution"', '9,"execution"')`,
		),
		goPublic: starts({ WEBHOOK_URL }),
		keepInMemory: starts({ WEBHOOK_URL, N8N_DEFAULT_BINARY_DATA_MODE: 'default' }),
		guard: starts({ N8N_SSRF_PROTECTION_ENABLED: 'true' }),
		unguard: starts({}),
	};
}
