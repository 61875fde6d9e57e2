// Which run of the node this is, and what an item asks for before any expression is evaluated.
import type { IBinaryData, IExecuteFunctions, INodeProperties } from 'n8n-workflow';
import { NodeConnectionTypes } from 'n8n-workflow';
import { yieldNow } from '../util/clock';
import type { Result } from '../domain/failure';
import { failed, invalidInput, succeeded } from '../domain/failure';
import { fieldOf } from '../util/unknown';
import { fingerprint, fingerprintInPieces } from '../util/fingerprint';

/** Which run of which execution is looking at the ledger. */
export type RunIdentity = Readonly<ReturnType<typeof runIdentity>>;

/** The run that `context` is about. */
export function runIdentity(context: IExecuteFunctions) {
	const node = context.getNode();
	// n8n's agents run a tool either through its own context, or (2.x) through the engine, which notes it on the node.
	// The contexts of 1.x can't tell, but there as everywhere a node that is a tool has a type of its own
	const inTool =
		(context.isToolExecution?.() ?? node.type.endsWith('Tool')) ||
		node.rewireOutputLogTo === NodeConnectionTypes.AiTool;
	return {
		/** '' where there is none: an MCP Server Trigger calls the node as a tool outside of any execution. */
		executionId: context.getExecutionId() ?? '',
		/** How often the node has run before in this execution: loops and tool calls count up. */
		runIndex: context.getWorkflowDataProxy(0).$thisRunIndex,
		/** A manual "Retry" of an execution. */
		isRetry: context.getMode() === 'retry',
		/** Whether an AI agent calls the node: then each try is a run of its own. */
		inTool,
	};
}

/** Parameters that may change without a new order: which task to look at, and what becomes of the video. */
const BESIDE_THE_REQUEST = [
	'taskId',
	'returnAll',
	'limit',
	'filters',
	'waitForCompletion',
	'downloadVideo',
	'options',
];

/** Options that are a part of the request all the same: they are sent. */
const OPTIONS_OF_THE_REQUEST = ['model', 'seed', 'watermark', 'extraParameters'];

/**
 * The names of the parameters that make up a request: all that the form has, but notices and what stands beside it. Those
 * of options have the form `options.seed`.
 */
export function requestParameters(properties: readonly INodeProperties[]): string[] {
	const names = properties.filter(({ type }) => type !== 'notice').map(({ name }) => name);
	const own = [...new Set(names)].filter((name) => !BESIDE_THE_REQUEST.includes(name));
	return [...own, ...OPTIONS_OF_THE_REQUEST.map((name) => `options.${name}`)];
}

/** Characters that are looked at where n8n keeps a file in memory: at its start, in its middle and at its end. */
const SAMPLE = 4096;

/** What tells one file from another: n8n's id, or a sample of the content where n8n keeps it in memory. */
function binaryIdentity({ id, data, fileName, mimeType }: IBinaryData) {
	if (id !== undefined) return id;
	const middle = Math.max(0, Math.floor((data.length - SAMPLE) / 2));
	const sample = [data.slice(0, SAMPLE), data.slice(middle, middle + SAMPLE), data.slice(-SAMPLE)];
	return { fileName, mimeType, length: data.length, sample };
}

/**
 * Makes the fingerprints of all items of a run, without holding the event loop: of the request as the workflow holds it, and
 * of the input item. They tell an item from what it was in an earlier try of this execution, or in the one that is retried.
 * A parameter that the workflow does not hold counts for nothing.
 * @param names see {@link requestParameters}
 */
export async function fingerprintItems(
	context: IExecuteFunctions,
	names: readonly string[],
	inTool: boolean,
): Promise<Array<Result<string>>> {
	const { parameters } = context.getNode();
	const held = names.map((name) => [name, name.split('.').reduce<unknown>(fieldOf, parameters)]);
	const request = fingerprint(Object.fromEntries(held));
	const made: Array<Result<string>> = [];
	for (const { json, binary } of context.getInputData()) {
		await yieldNow();
		try {
			// An agent numbers its calls: the same question asked again has another number
			const ofJson = await fingerprintInPieces(inTool ? { ...json, toolCallId: undefined } : json);
			const files = Object.entries(binary ?? {}).map(([field, file]) => [
				field,
				binaryIdentity(file),
			]);
			made.push(succeeded(fingerprint([request, ofJson, files])));
		} catch {
			const failure = invalidInput(
				"The input item contains itself, or is nested too deeply, so it can't be told from others",
				'Remove the field that refers to the whole item: an Edit Fields (Set) node before this one keeps only what is needed.',
			);
			made.push(failed(failure));
		}
	}
	return made;
}
