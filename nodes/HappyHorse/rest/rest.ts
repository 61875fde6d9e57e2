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

/** A node before this one that n8n never runs twice in an execution, since nothing leads to it. */
export function rootBefore(context: IExecuteFunctions): string | undefined {
	const isRoot = (name: string) => context.getParentNodes(name, { depth: 1 }).length === 0;
	return context.getParentNodes(context.getNode().name).find(({ name }) => isRoot(name))?.name;
}

/** A copy of a node that n8n saves under another name. */
function savedAs(node: INode, name: string): INode {
	const toJSON = () => ({ ...node, name });
	return Object.defineProperty({ ...node }, 'toJSON', { value: toJSON });
}

/** Puts the execution to wait. When it wakes up, nothing comes out of this run. */
export async function rest(context: IExecuteFunctions): Promise<INodeExecutionData[][]> {
	const kept = keptIn(context.getContext('node'));
	const run = context.getExecuteData();
	const { name } = run.node;
	const quiet = { alwaysOutputData: false, retryOnFail: false, onError: 'stopWorkflow' } as const;
	run.node = savedAs({ ...run.node, ...quiet }, rootBefore(context) ?? name);
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

/** Whether this run has not rested, and another one of this node in the same execution still does. */
export function isStartedAnew(
	context: IExecuteFunctions,
	response: EngineResponse | undefined,
): boolean {
	const hasRested = requestShape.safeParse(response?.metadata).success;
	return !hasRested && keptIn(context.getContext('node'))?.kind === 'resting';
}

/**
 * Tells a run that wakes up where its input came from, and what it has kept. Undefined where it has not rested; also in a
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
	keep(memory, undefined);
	return kept.execution === executionId && kept.run === runIndex ? kept : undefined;
}
