// Workflows and executions as n8n's API tells them, as far as they are looked at.
import { z } from 'zod';
import { connect } from '../engine/workflow';

/** Texts in all versions so far; a number would do. */
export const idShape = z.coerce.string();

const nodeShape = z
	.object({
		id: z.string(),
		name: z.string(),
		type: z.string(),
		typeVersion: z.number(),
		position: z.tuple([z.number(), z.number()]),
		parameters: z.record(z.unknown()),
		/** By type; without an id until n8n has found the one of that name. */
		credentials: z.record(z.object({ id: z.string().nullish(), name: z.string() })).optional(),
	})
	.passthrough();

export const workflowShape = z.object({
	name: z.string(),
	nodes: z.array(nodeShape).nonempty(),
	connections: z.record(z.unknown()),
	settings: z.record(z.unknown()).optional(),
	pinData: z.record(z.unknown()).optional(),
});

/** Kept whole, since the editor sends it back for a run. */
export const savedShape = z
	.object({ id: idShape, versionId: z.string(), nodes: workflowShape.shape.nodes })
	.passthrough();

export const fileShape = z.object({
	id: z.string().optional(),
	mimeType: z.string(),
	fileName: z.string().optional(),
	bytes: z.number().optional(),
	data: z.string(),
});

const itemShape = z.object({
	json: z.record(z.unknown()),
	binary: z.record(fileShape).default({}),
});

/** By output. */
const outputShape = z.object({ main: z.array(z.array(itemShape).nullable()).optional() });

const resultShape = z.object({
	resultData: z.object({
		error: z.object({ message: z.string() }).passthrough().nullish(),
		/** By node and run. */
		runData: z.record(z.array(z.object({ data: outputShape.optional() }))).default({}),
	}),
	executionData: z.object({ nodeExecutionStack: z.array(z.unknown()).default([]) }).nullish(),
});

export type WorkflowNode = z.infer<typeof nodeShape>;
export type Workflow = z.infer<typeof workflowShape>;
export type SavedWorkflow = z.infer<typeof savedShape>;
export type StoredFile = z.infer<typeof fileShape>;

export interface Execution {
	readonly id: string;
	readonly status: string;
	readonly data?: unknown;
	readonly customData?: Readonly<Record<string, string>> | null;
}

/** What a node put out in an execution, by run: the items of its first output. */
function runsOf({ data }: Execution, node: string) {
	const { runData } = resultShape.parse(data).resultData;
	return (runData[node] ?? []).map((run) => run.data?.main?.[0] ?? []);
}

/** What the last run of a node put out. */
export function itemsOf(execution: Execution, node: string) {
	return runsOf(execution, node).at(-1) ?? [];
}

/** What all runs of a node put out. */
export function allItemsOf(execution: Execution, node: string) {
	return runsOf(execution, node).flat();
}

/** The error that an execution ended with. */
export function errorOf({ data }: Execution) {
	return resultShape.parse(data).resultData.error ?? undefined;
}

/**
 * Whether "Retry" of an execution can run a node. Not of one whose worker died while its main lived: n8n 2 saves it
 * without its data.
 */
export function isRetriable({ data }: Execution): boolean {
	const { executionData } = resultShape.parse(data);
	return (executionData?.nodeExecutionStack ?? []).length > 0;
}

/** A node of n8n's own. */
export function baseNode(
	name: string,
	type: string,
	typeVersion: number,
	parameters: Record<string, unknown> = {},
	more: Partial<WorkflowNode> = {},
): WorkflowNode {
	const fullType = `n8n-nodes-base.${type}`;
	return { id: name, name, type: fullType, typeVersion, position: [0, 0], parameters, ...more };
}

/** A workflow of a trigger and the given nodes, one after the other. */
export function chainFrom(
	trigger: WorkflowNode,
	name: string,
	...nodes: readonly WorkflowNode[]
): Workflow {
	const place = (node: WorkflowNode, index: number): WorkflowNode => ({
		...node,
		position: [220 * index, 0],
	});
	const names = [trigger, ...nodes].map((node) => node.name);
	return {
		name,
		nodes: [place(trigger, 0), ...nodes.map((node, index) => place(node, index + 1))],
		connections: connect(names),
	};
}

/** The same with a trigger "Start" for runs by hand. */
export function chain(name: string, ...nodes: readonly WorkflowNode[]): Workflow {
	return chainFrom(baseNode('Start', 'manualTrigger', 1), name, ...nodes);
}
