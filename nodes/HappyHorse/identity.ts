// Which run of the node this is, and what an item asks for before any expression is evaluated.
import type { IBinaryData, IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';
import { NodeConnectionTypes } from 'n8n-workflow';
import { fingerprint } from './fingerprint';
import type { RunIdentity } from './task/ledger';

/** The parameters that make up a request. The others (waiting, download, options) may change without a new order. */
const REQUEST_PARAMETERS = [
	'resource',
	'operation',
	'prompt',
	'imageSource',
	'imageUrl',
	'binaryPropertyName',
	'referenceImages',
	'videoSource',
	'videoUrl',
	'videoBinaryPropertyName',
	'audioSetting',
	'resolution',
	'aspectRatio',
	'duration',
];

/** Characters that are looked at where n8n keeps a file in memory: at its start, in its middle and at its end. */
const SAMPLE = 4096;

/** The run that `context` is about. */
export function identityOf(context: IExecuteFunctions): RunIdentity {
	const node = context.getNode();
	// n8n's agents run a tool either through its own context, or (2.x) through the engine, which notes it on the node.
	// The contexts of 1.x can't tell, but there as everywhere a node that is a tool has a type of its own
	const inTool =
		(context.isToolExecution?.() ?? node.type.endsWith('Tool')) ||
		node.rewireOutputLogTo === NodeConnectionTypes.AiTool;
	return {
		// There is none where an MCP Server Trigger calls the node as a tool
		executionId: context.getExecutionId() ?? '',
		runIndex: context.getWorkflowDataProxy(0).$thisRunIndex,
		inTool,
	};
}

/**
 * What tells one file from another: n8n's id, or a sample of the content where n8n keeps it in memory. A node that
 * runs again stores the same file under a new id: `acrossRuns` goes by name, type and size in its place.
 */
function binaryIdentity(file: IBinaryData, acrossRuns: boolean) {
	const { id, data, fileName, mimeType, fileSize } = file;
	if (id !== undefined) return acrossRuns ? { fileName, mimeType, fileSize } : id;
	const middle = Math.max(0, Math.floor((data.length - SAMPLE) / 2));
	const sample = [data.slice(0, SAMPLE), data.slice(middle, middle + SAMPLE), data.slice(-SAMPLE)];
	return { fileName, mimeType, length: data.length, sample };
}

function inputIdentity({ json, binary }: INodeExecutionData, inTool: boolean, acrossRuns: boolean) {
	const files = Object.entries(binary ?? {}).map(([field, file]) => [
		field,
		binaryIdentity(file, acrossRuns),
	]);
	// An agent numbers its calls: the same question asked again has another number
	const { toolCallId, ...rest } = json;
	return { json: inTool ? rest : { ...rest, toolCallId }, files };
}

/**
 * Fingerprints of the items of a run: of the request parameters as the workflow holds them, and of the input item.
 * `acrossRuns`: equal also after the nodes before have run again and stored their files anew.
 */
export function printsOf(
	context: IExecuteFunctions,
	inTool: boolean,
	acrossRuns = false,
): (item: number) => string {
	const { parameters } = context.getNode();
	const request = fingerprint(REQUEST_PARAMETERS.map((name) => parameters[name] ?? null));
	const items = context.getInputData();
	const prints = new Map<number, string>();
	return (item) => {
		// A record of a retried execution may be of an item that is no longer there
		const input = items.at(item);
		const print =
			prints.get(item) ?? fingerprint([request, input && inputIdentity(input, inTool, acrossRuns)]);
		prints.set(item, print);
		return print;
	};
}
