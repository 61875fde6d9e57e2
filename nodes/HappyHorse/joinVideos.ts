// One run of Film → Join Videos, top to bottom: read the clips of all items, plan the film, store it. Orders nothing.
import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';
import { choicesOf, labelOf } from './description';
import { Failure, succeeded } from './domain/failure';
import type { RunResult } from './domain/failure';
import { filmItem, tellMissing } from './output/film';
import { BadClips, planFilm } from './request/clips';
import { collect } from './task/run';
import { unlessAborted } from './util/clock';
import { shortReasonOf } from './util/unknown';

/** @param inTool an AI agent calls the node: agents hand no files on, neither in nor out */
export async function joinVideos(
	context: IExecuteFunctions,
	inTool: boolean,
	stopOnFailure: boolean,
): Promise<RunResult<INodeExecutionData>> {
	if (inTool) return collect([], [{ item: 0, failure: needsFiles() }], stopOnFailure);
	// There is none where an MCP Server Trigger runs a workflow
	const cancel = context.getExecutionCancelSignal() ?? new AbortController().signal;
	const join = async (): Promise<RunResult<INodeExecutionData>> => {
		const plan = await planFilm(context, labelOf, choicesOf, stopOnFailure, cancel);
		const item = await filmItem(context, plan);
		tellMissing(context, plan.missing);
		return collect([{ item: 0, result: succeeded(item) }], [], stopOnFailure);
	};
	try {
		return (await unlessAborted(join(), cancel)) ?? { kind: 'stopped' };
	} catch (error) {
		if (cancel.aborted) return { kind: 'stopped' };
		const bad = error instanceof BadClips ? error.bad : [{ item: 0, failure: notMade(error) }];
		// A film orders nothing in any case: no word of it
		const told = bad.map(({ item, failure }) => ({ item, failure: failure.costing(undefined) }));
		return collect([], told, stopOnFailure);
	}
}

function needsFiles(): Failure {
	return new Failure(
		'input',
		'A film is joined of files, and an AI agent hands none to its tools',
		{
			next: 'Let the agent order the videos, and put a node HappyHorse with Film → Join Videos into the workflow behind it: a node that gets the files as its input.',
		},
	);
}

function notMade(error: unknown): Failure {
	return new Failure('input', 'n8n could not store the film', {
		next: `Check where this n8n keeps its files (N8N_DEFAULT_BINARY_DATA_MODE), and whether there is room for the film. n8n says: ${shortReasonOf(error)}.`,
	});
}
