// Workflows around the node under test: a trigger, items, and the node, either by itself or as the tool of an agent.
import type {
	IDataObject,
	INode,
	INodeParameters,
	IWorkflowSettings,
	NodeConnectionType,
} from 'n8n-workflow';
import type { RunOptions } from './execution';
import { itemsNode, type ItemSpec } from './nodeTypes';
import { AGENT, NODE_TYPE, SUBJECT, connect, type NodeSpec, type WorkflowSpec } from './workflow';

/** What the editor has in a node's Settings tab. */
export type NodeSettings = Partial<
	Pick<
		INode,
		'onError' | 'retryOnFail' | 'maxTries' | 'waitBetweenTries' | 'executeOnce' | 'alwaysOutputData'
	>
>;

/** A run of the node under test on `items`. */
export interface NodeRequest extends RunOptions, NodeSettings {
	parameters?: INodeParameters;
	/** What the node before puts out. Default: one empty item. */
	items?: ItemSpec[];
	/** Executions with the same one share n8n's deduplication store. Default: a new one. */
	workflowId?: string;
	/** The workflow's; `executionTimeout` in seconds. */
	settings?: IWorkflowSettings;
}

/** A run of an agent that has the node under test as its tool. */
export interface ToolRequest extends NodeRequest {
	/** What the model passes in each call, for `$fromAI` in the parameters. */
	calls: Array<{ args: IDataObject }>;
	/** Who runs the tool: the agent itself, or the engine at the agent's request (newer agents). */
	agent: 'invoking' | 'requesting';
	/** Whether the agent makes all calls at once instead of one after the other. Default false. */
	together?: boolean;
}

/** A workflow, and how it is to be run. */
export interface PlannedRun {
	workflow: WorkflowSpec;
	options: RunOptions;
}

const BEFORE: NodeSpec[] = [
	{ name: 'Start', type: 'n8n-nodes-base.manualTrigger' },
	{ name: 'Items', type: 'test.items' },
];

function plan(
	request: NodeRequest,
	type: string,
	more: NodeSpec[],
	connections: WorkflowSpec['connections'],
): PlannedRun {
	const { parameters, items = [{ json: {} }], workflowId, settings, ...rest } = request;
	const { mode, executionId, credentials, nodeTypes, ...nodeSettings } = rest;
	const types = { 'test.items': itemsNode(items), ...nodeTypes };
	const subject = { name: SUBJECT, type, parameters, ...nodeSettings };
	return {
		workflow: { id: workflowId, settings, nodes: [...BEFORE, ...more, subject], connections },
		options: { mode, executionId, credentials, nodeTypes: types },
	};
}

/** Start -> Items -> node under test. */
export function planNode(request: NodeRequest): PlannedRun {
	return plan(request, NODE_TYPE, [], connect(['Start', 'Items', SUBJECT]));
}

/** Start -> Items -> agent, with the node under test as its tool. */
export function planTool({ calls, agent, together = false, ...request }: ToolRequest): PlannedRun {
	const parameters = { calls: JSON.stringify(calls.map(({ args }) => args)), together };
	const agentNode = { name: AGENT, type: `test.${agent}Agent`, parameters };
	const type: NodeConnectionType = 'ai_tool';
	const connections = connect(['Start', 'Items', AGENT], { from: SUBJECT, to: AGENT, type });
	return plan(request, `${NODE_TYPE}Tool`, [agentNode], connections);
}
