// AI tools: a node type as a tool, and stand-ins for the two kinds of agents that call tools.
import type {
	EngineRequest,
	EngineResponse,
	IDataObject,
	IExecuteFunctions,
	INodeExecutionData,
	INodeProperties,
	INodeType,
	INodeTypeDescription,
	ITaskData,
} from 'n8n-workflow';
import { deepCopy, NodeConnectionTypes } from 'n8n-workflow';

/** What an agent's model gets to read after a call. */
export interface ToolAnswer {
	/** JSON after a success. */
	text: string;
	/** Whether the tool failed. */
	failed: boolean;
}

const descriptionType: INodeProperties = {
	displayName: 'Tool Description',
	name: 'descriptionType',
	type: 'options',
	noDataExpression: true,
	options: [
		{ name: 'Set Automatically', value: 'auto' },
		{ name: 'Set Manually', value: 'manual' },
	],
	default: 'auto',
};

/**
 * A node type as n8n offers it to agents: the same code, another description (n8n 2.8, tool-generation/ai-tools.js).
 * Throws for one without `usableAsTool`.
 */
export function asTool(nodeType: INodeType): INodeType {
	const original = nodeType.description;
	const { usableAsTool, ...description }: INodeTypeDescription = deepCopy(original);
	if (!usableAsTool) throw new Error(`${original.name} is not usable as a tool`);
	const replaced = {
		...description,
		...(typeof usableAsTool === 'object' ? usableAsTool.replacements : {}),
	};
	const { properties } = replaced;
	const toolDescription: INodeProperties = {
		displayName: 'Description',
		name: 'toolDescription',
		type: 'string',
		default: replaced.description,
		required: true,
	};
	const chosen = properties.some(({ name }) => name === 'resource' || name === 'operation');
	if (chosen) toolDescription.displayOptions = { show: { descriptionType: ['manual'] } };
	const tool: INodeTypeDescription = {
		...replaced,
		name: `${replaced.name}Tool`,
		displayName: `${replaced.displayName} Tool`,
		inputs: [],
		outputs: [NodeConnectionTypes.AiTool],
		properties: [...(chosen ? [descriptionType] : []), toolDescription, ...properties],
	};
	return Object.create(nodeType, { description: { value: tool } });
}

/** The description of a stand-in. */
export function describeNode(
	displayName: string,
	more: Partial<INodeTypeDescription> = {},
): INodeTypeDescription {
	return {
		displayName,
		name: displayName,
		group: ['transform'],
		version: 1,
		description: displayName,
		defaults: { name: displayName },
		inputs: ['main'],
		outputs: ['main'],
		properties: [],
		...more,
	};
}

const agentDescription = describeNode('Agent', {
	inputs: [
		{ type: NodeConnectionTypes.Main },
		{ type: NodeConnectionTypes.AiTool, displayName: 'Tool', required: true },
	],
	properties: [
		// The arguments of each call, in JSON
		{ displayName: 'Calls', name: 'calls', type: 'json', default: '[]' },
		// Whether all calls are made at once, not one after the other
		{ displayName: 'Together', name: 'together', type: 'boolean', default: false },
	],
});

function plannedCalls(agent: IExecuteFunctions): IDataObject[] {
	return JSON.parse(String(agent.getNodeParameter('calls', 0)));
}

/** The answers so far, kept in the execution's data: there they survive a failed execution. */
function answersOf(agent: IExecuteFunctions): ToolAnswer[] {
	return (agent.getContext('node').answers ??= []) as ToolAnswer[];
}

function asItems(answers: ToolAnswer[]): INodeExecutionData[][] {
	return [answers.map(({ text, failed }) => ({ json: { text, failed } }))];
}

interface InvokableTool {
	invoke(args: IDataObject): Promise<string>;
}

/** Invokes the tool itself, through `getInputConnectionData`: each try of a call is a run of its own. */
export class InvokingAgent implements INodeType {
	description = agentDescription;

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		const [tool] = (await this.getInputConnectionData('ai_tool', 0)) as InvokableTool[];
		const answers = answersOf(this);
		answers.length = 0;
		const call = async (args: IDataObject): Promise<ToolAnswer> => {
			try {
				return { text: await tool.invoke(args), failed: false };
			} catch (error) {
				return { text: error instanceof Error ? error.message : String(error), failed: true };
			}
		};
		const calls = plannedCalls(this);
		if (this.getNodeParameter('together', 0)) {
			answers.push(...(await Promise.all(calls.map(call))));
		} else {
			for (const args of calls) answers.push(await call(args));
		}
		return asItems(answers);
	}
}

/** Mirrors `buildObservation` of n8n's agent (n8n 2.8, agent-execution/buildSteps.js). */
function observation({ data, error }: ITaskData): ToolAnswer {
	const results = data?.ai_tool?.[0]?.map(({ json }) => json) ?? [];
	const failure = error && { error: error.message, errorType: error.name };
	return {
		text: JSON.stringify(results.length > 0 ? results : (failure ?? '')),
		failed: error !== undefined,
	};
}

/** Requests calls from the engine, which runs the tool's node and then this agent again, with the results. */
export class RequestingAgent implements INodeType {
	description = agentDescription;

	async execute(
		this: IExecuteFunctions,
		response?: EngineResponse,
	): Promise<INodeExecutionData[][] | EngineRequest> {
		const results = response?.actionResponses ?? [];
		const answers = answersOf(this);
		if (results.length === 0) answers.length = 0;
		answers.push(...results.map(({ data }) => observation(data)));
		const open = plannedCalls(this).slice(answers.length);
		if (open.length === 0) return asItems(answers);
		const [tool] = this.getParentNodes(this.getNode().name, { connectionType: 'ai_tool' });
		return {
			actions: open
				.slice(0, this.getNodeParameter('together', 0) ? open.length : 1)
				.map((input, index) => ({
					actionType: 'ExecutionNodeAction',
					nodeName: tool.name,
					input,
					type: NodeConnectionTypes.AiTool,
					id: `call_${answers.length + index}`,
					metadata: { itemIndex: 0 },
				})),
			metadata: {},
		};
	}
}
