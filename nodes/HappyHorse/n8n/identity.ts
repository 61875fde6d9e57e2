// Which run of the node this is, and what an item asks for before any expression is evaluated.
import type {
	IBinaryData,
	IDataObject,
	IExecuteFunctions,
	INodeExecutionData,
	INodeParameters,
	INodeProperties,
} from 'n8n-workflow';
import { NodeConnectionTypes } from 'n8n-workflow';
import { yieldNow } from '../util/clock';
import type { Failure } from '../domain/failure';
import { invalidInput } from '../domain/failure';
import { fieldOf } from '../util/unknown';
import { fingerprint, fingerprintInPieces } from '../util/fingerprint';

/** Which run of which execution is looking at the ledger. */
export interface RunIdentity {
	/** '' where there is none: an MCP Server Trigger calls the node as a tool outside of any execution. */
	readonly executionId: string;
	/** How often the node has run before in this execution: loops and tool calls count up. */
	readonly runIndex: number;
	/** A manual "Retry" of an execution. */
	readonly isRetry: boolean;
	/** Whether an AI agent calls the node: then each try is a run of its own. */
	readonly inTool: boolean;
}

/** The run that `context` is about. */
export function runIdentity(context: IExecuteFunctions): RunIdentity {
	const node = context.getNode();
	// n8n's agents run a tool either through its own context, or (2.x) through the engine, which notes it on the node.
	// The contexts of 1.x can't tell, but there as everywhere a node that is a tool has a type of its own
	const inTool =
		(context.isToolExecution?.() ?? node.type.endsWith('Tool')) ||
		node.rewireOutputLogTo === NodeConnectionTypes.AiTool;
	return {
		executionId: context.getExecutionId() ?? '',
		runIndex: context.getWorkflowDataProxy(0).$thisRunIndex,
		isRetry: context.getMode() === 'retry',
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

/** A parameter as a workflow holds it; undefined for one that counts for nothing. */
function heldValue(parameters: INodeParameters, path: string): unknown {
	return path.split('.').reduce<unknown>(fieldOf, parameters);
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

function filesOf({ binary }: INodeExecutionData) {
	return Object.entries(binary ?? {}).map(([field, file]) => [field, binaryIdentity(file)]);
}

/** An agent numbers its calls: the same question asked again has another number. */
function withoutCallId(json: IDataObject): IDataObject {
	return Object.fromEntries(Object.entries(json).filter(([key]) => key !== 'toolCallId'));
}

/** The fingerprints of the items of a run: of the request as the workflow holds it, and of the input item. */
export interface Fingerprints {
	/** Tells an item from what it was in an earlier try of this execution, or in the one that is retried. */
	of(item: number): string;
	/** Why an item has none: its input can't be used. */
	failureOf(item: number): Failure | undefined;
}

/**
 * Makes the fingerprints of all items of a run, without holding the event loop. A parameter that the workflow does not
 * hold counts for nothing.
 * @param names see {@link requestParameters}
 */
export async function fingerprintItems(
	context: IExecuteFunctions,
	names: readonly string[],
	inTool: boolean,
): Promise<Fingerprints> {
	const { parameters } = context.getNode();
	const request = fingerprint(
		Object.fromEntries(names.map((name) => [name, heldValue(parameters, name)])),
	);
	const made: string[] = [];
	const unreadable = new Set<number>();
	for (const [item, input] of context.getInputData().entries()) {
		await yieldNow();
		const json = inTool ? withoutCallId(input.json) : input.json;
		const ofJson = await fingerprintInPieces(json).catch(() => undefined);
		if (ofJson === undefined) unreadable.add(item);
		made.push(fingerprint([request, ofJson, filesOf(input)]));
	}
	return {
		// A record of a retried execution may be of an item that is no longer there
		of: (item) => made.at(item) ?? '',
		failureOf: (item) =>
			unreadable.has(item)
				? invalidInput(
						"The input item contains itself, or is nested too deeply, so it can't be told from others",
						'Remove the field that refers to the whole item: an Edit Fields (Set) node before this one keeps only what is needed.',
					)
				: undefined,
	};
}
