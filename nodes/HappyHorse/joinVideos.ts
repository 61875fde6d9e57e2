// One run of Film → Join Videos, top to bottom: read the clips of all items, plan the film, store it. Orders nothing.
import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';
import type { Failure, RunResult } from './domain/failure';
import { failed, invalidInput, succeeded } from './domain/failure';
import { storePieces } from './n8n/storedFile';
import { tell } from './n8n/tell';
import { videoFileName, VIDEO_EXTENSION } from './output/deliver';
import { filmJson } from './output/item';
import type { FilmPlan } from './request/clips';
import { BadClips, planFilm } from './request/clips';
import { collect } from './task/run';
import { unlessAborted } from './util/clock';
import { shortReasonOf } from './util/unknown';

/** @param inTool an AI agent calls the node: agents hand no files on, neither in nor out */
export async function joinVideos(
	context: IExecuteFunctions,
	inTool: boolean,
	stopOnFailure: boolean,
	cancel: AbortSignal,
): Promise<RunResult<INodeExecutionData>> {
	const join = async () => {
		if (inTool) throw new BadClips([{ item: 0, failure: needsFiles() }]);
		const plan = await planFilm(context, stopOnFailure, cancel);
		const item = await filmItem(context, plan);
		const missing = plan.missing.map((one) => one.item);
		if (missing.length > 0) {
			const items = `${missing.length === 1 ? 'item' : 'items'} ${missing.join(', ')}`;
			tell(context, 'warning', `The film lacks ${items}: no file. See "missing" in the output`);
		}
		return collect([{ item: 0, result: succeeded(item) }], stopOnFailure);
	};
	try {
		return (await unlessAborted(join(), cancel)) ?? { kind: 'stopped' };
	} catch (error) {
		if (cancel.aborted) return { kind: 'stopped' };
		const bad = error instanceof BadClips ? error.bad : [{ item: 0, failure: notStored(error) }];
		// A film orders nothing in any case: no word of it
		const failures = bad.map(({ item, failure }) => {
			return { item, result: failed<INodeExecutionData>(failure.with({ cost: undefined })) };
		});
		return collect(failures, stopOnFailure);
	}
}

/**
 * Streams the film into n8n: of its clips, one at a time is in memory.
 * @throws what the clips or n8n's storage throw
 */
async function filmItem(
	context: IExecuteFunctions,
	{ film, clips, missing, fileName = 'film', outputField }: FilmPlan,
): Promise<INodeExecutionData> {
	const example = clips.find(({ id }) => id !== undefined)?.id;
	const name = videoFileName(fileName.replace(VIDEO_EXTENSION, ''), '');
	const file = await storePieces(context, film.open(), example, name, 'video/mp4');
	return {
		json: filmJson(film, clips, missing),
		binary: Object.fromEntries([[outputField, file]]),
		pairedItem: context.getInputData().map((_, item) => ({ item })),
	};
}

function needsFiles(): Failure {
	return invalidInput(
		'A film is joined from files, and an AI agent hands none to its tools',
		'Let the agent order the videos, and join them in the workflow behind it: HTTP Request fetches the links that it puts out, and a HappyHorse node with Film → Join Videos gets the files.',
	);
}

function notStored(error: unknown): Failure {
	return invalidInput(
		'n8n could not store the film',
		`Check where this n8n keeps its files (N8N_DEFAULT_BINARY_DATA_MODE), and whether there is room for the film. n8n says: ${shortReasonOf(error)}.`,
	);
}
