// Step 4 of Film → Join Videos: the film goes into n8n's storage, and becomes the one item of the run.
import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';
import type { FailedItem } from '../domain/failure';
import type { JoinedFilm } from '../mp4/join';
import { storePieces } from '../n8n/storedFile';
import { tell } from '../n8n/tell';
import { videoFileName, VIDEO_EXTENSION } from './deliver';
import type { FilmOf } from './item';
import { filmJson } from './item';

/** What is to become of a film. */
export interface PlannedFilm extends FilmOf {
	readonly film: JoinedFilm;
	/** The same, with n8n's id of the file; undefined for one in memory. */
	readonly clips: ReadonlyArray<
		FilmOf['clips'][number] & { readonly storedAs: string | undefined }
	>;
	/** Undefined for the usual one. */
	readonly fileName: string | undefined;
	readonly outputField: string;
}

/**
 * Streams the film into n8n: of its clips, one at a time is in memory.
 * @throws what the clips or n8n's storage throw
 */
export async function filmItem(
	context: IExecuteFunctions,
	planned: PlannedFilm,
): Promise<INodeExecutionData> {
	const { film, clips, fileName = 'film', outputField } = planned;
	const example = clips.find(({ storedAs }) => storedAs !== undefined)?.storedAs;
	const name = videoFileName(fileName.replace(VIDEO_EXTENSION, ''), '');
	const file = await storePieces(context, film.open(), example, name, 'video/mp4');
	return {
		json: filmJson(planned),
		binary: Object.fromEntries([[outputField, file]]),
		pairedItem: context.getInputData().map((_, item) => ({ item })),
	};
}

/** Says beside the output, and in the log, which items are not in the film. */
export function tellMissing(context: IExecuteFunctions, missing: readonly FailedItem[]): void {
	if (missing.length === 0) return;
	const items = missing.map(({ item }) => item).join(', ');
	const hint = `The film lacks ${missing.length === 1 ? 'item' : 'items'} ${items}: without a file. See "missing" in the output`;
	tell(context, 'warning', hint);
}
