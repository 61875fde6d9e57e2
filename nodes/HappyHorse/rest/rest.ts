// How a run rests in n8n's database and wakes up as itself, with the items that it was given.
//
// n8n disables a node that it wakes up: its input goes by. So the run asks n8n's engine for a run of the same node, as an
// agent asks for a run of its tool, and to be run again after that. The second run puts the execution to wait; n8n
// disables it, puts out nothing for it, and runs the first one again. All of that is saved with the execution.
import { randomUUID } from 'crypto';
import type {
	EngineRequest,
	EngineResponse,
	IExecuteFunctions,
	INodeExecutionData,
} from 'n8n-workflow';
import { NodeConnectionTypes } from 'n8n-workflow';
import { z } from 'zod';
import type { RunIdentity } from '../identity';
import type { Resting } from './kept';
import { keep, keptIn } from './kept';

/** What the first run tells itself by way of the engine. The engine forgets where its input came from. */
const requestShape = z.object({
	token: z.string(),
	source: z.object({
		previousNode: z.string(),
		previousNodeOutput: z.number().optional(),
		previousNodeRun: z.number().optional(),
	}),
});

/** Whether this is the run that only rests. */
export function isRest(context: IExecuteFunctions): boolean {
	// Absent where a tool is called outside of any execution, and perhaps in old n8n
	const run = context.getExecuteData?.();
	return (
		run?.metadata?.preserveSourceOverwrite === true &&
		run.metadata.nodeWasResumed !== true &&
		run.node.rewireOutputLogTo === NodeConnectionTypes.Main
	);
}

/** Puts the execution to wait. When it wakes up, nothing comes out of this run. */
export async function rest(context: IExecuteFunctions): Promise<INodeExecutionData[][]> {
	const kept = keptIn(context.getContext('node'));
	const run = context.getExecuteData();
	// The other run has the same node, which must not be disabled with this one; and this one has nothing to put out
	run.node = { ...run.node, alwaysOutputData: false, retryOnFail: false, onError: 'stopWorkflow' };
	run.data = { main: [null] };
	if (kept?.kind === 'resting') await context.putExecutionToWait(new Date(kept.until));
	return [[]];
}

/**
 * Asks for a rest.
 * @param standIns what stands in the place of so many items of the input: n8n's "Retry with currently saved workflow" of an
 * execution that crashed after a rest puts it out, since it disables the node in both runs
 */
export function restRequest(
	context: IExecuteFunctions,
	kept: Omit<Resting, 'version' | 'kind' | 'token' | 'input'>,
	standIns: (count: number) => INodeExecutionData[],
): EngineRequest {
	const run = context.getExecuteData();
	const token = randomUUID();
	const input = run.data.main?.[0] ?? [];
	keep(context.getContext('node'), { version: 1, kind: 'resting', ...kept, token, input });
	run.data = { ...run.data, main: [standIns(input.length)] };
	return {
		actions: [
			{
				actionType: 'ExecutionNodeAction',
				nodeName: context.getNode().name,
				type: NodeConnectionTypes.Main,
				id: token,
				input: {},
				metadata: {},
			},
		],
		metadata: { token, source: { ...run.source?.main?.[0] } },
	};
}

/** Puts `items` into a list that others look at as well. */
function refill(list: INodeExecutionData[], items: readonly INodeExecutionData[]): void {
	list.length = 0;
	for (const item of items) list.push(item);
}

/**
 * Gives a run that wakes up its input back, and says what it has kept. Undefined where it has not rested; also in a
 * retry of an execution that crashed, which goes by the ledger.
 */
export function wakeUp(
	context: IExecuteFunctions,
	{ executionId, runIndex }: RunIdentity,
	response: EngineResponse | undefined,
): Resting | undefined {
	const asked = requestShape.safeParse(response?.metadata);
	if (!asked.success) return undefined;
	const run = context.getExecuteData();
	const from = run.source?.main?.[0];
	if (from) Object.assign(from, asked.data.source);
	delete run.node.rewireOutputLogTo;
	const memory = context.getContext('node');
	const kept = keptIn(memory);
	if (kept?.kind !== 'resting' || kept.token !== asked.data.token) return undefined;
	const given = context.getInputData();
	const all = run.data.main?.[0] ?? given;
	// With Execute Once, n8n has cut the list that the node sees
	const seen = given.length < all.length ? kept.input.slice(0, given.length) : kept.input;
	refill(all, kept.input);
	if (given !== all) refill(given, seen);
	keep(memory, undefined);
	return kept.execution === executionId && kept.run === runIndex ? kept : undefined;
}
