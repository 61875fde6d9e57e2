// How a run rests in n8n's database and wakes up as itself, with the items that it was given.
//
// n8n disables a node that it wakes up: its input goes by. So the run asks n8n's engine for a run of the same node, as an
// agent asks for a run of its tool, and to be run again after that. The second run puts the execution to wait; n8n
// disables it, puts out nothing for it, and runs the first one again. All of that is saved with the execution.
//
// "Retry with currently saved workflow" gives both runs the node of that workflow, which would disable both. So the second
// one is saved under the name of another node that has had its turn.
import { randomUUID } from 'crypto';
import type {
	EngineRequest,
	EngineResponse,
	IExecuteFunctions,
	INode,
	INodeExecutionData,
} from 'n8n-workflow';
import { NodeConnectionTypes } from 'n8n-workflow';
import { z } from 'zod';
import type { RunIdentity } from '../identity';
import type { Kept, Resting } from './kept';
import { isOf, keep, keptIn } from './kept';

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

/**
 * A node before this one that has run and will not run again, since nothing leads to it: the trigger, or where a partial run
 * began. The run that only rests is saved under its name. When n8n wakes an execution up, it checks the nodes after the
 * first one on its stack: from here, these are the same as at the start.
 */
export function startBefore(context: IExecuteFunctions): string | undefined {
	const { $ } = context.getWorkflowDataProxy(0);
	const isStart = (name: string) =>
		context.getParentNodes(name, { depth: 1 }).length === 0 && $(name).isExecuted === true;
	return context.getParentNodes(context.getNode().name).find(({ name }) => isStart(name))?.name;
}

/** Has n8n save a node under another name. Until the save, the engine files what it does under the node's own. */
function savedAs(node: INode, name: string): INode {
	return Object.defineProperty(node, 'toJSON', { value: () => ({ ...node, name }) });
}

/** Puts the execution to wait. When it wakes up, nothing comes out of this run. */
export async function rest(context: IExecuteFunctions): Promise<INodeExecutionData[][]> {
	const kept = keptIn(context.getContext('node'));
	const run = context.getExecuteData();
	const { name } = run.node;
	const quiet = { alwaysOutputData: false, retryOnFail: false, onError: 'stopWorkflow' } as const;
	run.node = savedAs({ ...run.node, ...quiet }, startBefore(context) ?? name);
	run.data = { main: [null] };
	if (kept?.kind === 'resting') await context.putExecutionToWait(new Date(kept.until));
	return [[]];
}

/** Asks for a rest. */
export function restRequest(
	context: IExecuteFunctions,
	kept: Omit<Resting, 'version' | 'kind' | 'token'>,
): EngineRequest {
	const run = context.getExecuteData();
	const token = randomUUID();
	keep(context.getContext('node'), { version: 1, kind: 'resting', ...kept, token });
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

/** What the run had asked for, if it is run again after a rest. */
function askedBy(response: EngineResponse | undefined): z.infer<typeof requestShape> | undefined {
	const read = requestShape.safeParse(response?.metadata);
	return read.success ? read.data : undefined;
}

/** Whether n8n has started this node from the beginning while an earlier run of it still rests. */
export function isStartedAnew(kept: Kept, response: EngineResponse | undefined): boolean {
	return kept?.kind === 'resting' && askedBy(response) === undefined;
}

/** Tells a run that wakes up where its input came from. */
export function restoreSource(
	context: IExecuteFunctions,
	response: EngineResponse | undefined,
): void {
	const asked = askedBy(response);
	if (asked === undefined) return;
	const run = context.getExecuteData();
	const from = run.source?.main?.[0];
	if (from) Object.assign(from, asked.source);
	delete run.node.rewireOutputLogTo;
}

/**
 * What a run that wakes up has kept; it is kept no longer. Undefined where it has not rested; also in a retry of an
 * execution that crashed, which goes by the ledger.
 */
export function wakeUp(
	context: IExecuteFunctions,
	identity: RunIdentity,
	kept: Kept,
	response: EngineResponse | undefined,
): Resting | undefined {
	if (kept?.kind !== 'resting' || kept.token !== askedBy(response)?.token) return undefined;
	keep(context.getContext('node'), undefined);
	return isOf(identity, kept) ? kept : undefined;
}
