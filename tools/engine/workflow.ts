// Workflows as tests write them, with only what matters; the rest is filled in here.
import type {
	IConnections,
	INode,
	INodeTypeDescription,
	IWorkflowSettings,
	NodeConnectionType,
} from 'n8n-workflow';
import type { CredentialsById } from './credentials';

/** The type of the node under test, as workflows name it. */
export const NODE_TYPE = 'n8n-nodes-happyhorse.happyHorse';

/** The name of the node under test in these workflows. */
export const SUBJECT = 'HappyHorse';

/** The name of the agent in these workflows. */
export const AGENT = 'Agent';

/** A node of a workflow; one exported from n8n will do. */
export type NodeSpec = Pick<INode, 'name' | 'type'> & Partial<INode>;

/** A workflow; one exported from n8n will do. */
export interface WorkflowSpec {
	/** n8n's deduplication store knows workflows by it. Default: a new one. */
	id?: string;
	name?: string;
	nodes: NodeSpec[];
	connections: IConnections;
	settings?: IWorkflowSettings;
}

/** A workflow as n8n saves it. */
export interface WorkflowData extends Required<WorkflowSpec> {
	nodes: INode[];
}

/** A connection from an output of a node to an input of another; by default the first of each. */
export interface Link {
	from: string;
	to: string;
	output?: number;
	input?: number;
	type?: NodeConnectionType;
}

/** Connections of a workflow: links, and chains of node names, each connected to the next. */
export function connect(...links: Array<Link | string[]>): IConnections {
	const single = links.flatMap((link): Link[] =>
		Array.isArray(link) ? link.slice(1).map((to, index) => ({ from: link[index], to })) : [link],
	);
	const connections: IConnections = {};
	for (const { from, to, output = 0, input = 0, type = 'main' } of single) {
		const outputs = ((connections[from] ??= {})[type] ??= []);
		while (outputs.length <= output) outputs.push([]);
		outputs[output]?.push({ node: to, type, index: input });
	}
	return connections;
}

function stated(node: NodeSpec): NodeSpec {
	const fields = Object.entries(node).filter(([, value]) => value !== undefined);
	return Object.fromEntries(fields) as NodeSpec;
}

let workflows = 0;

/**
 * Fills in what was left out. A node without credentials gets those that its type asks for, as in the editor.
 * @param describe finds the description of a node's type
 */
export function completeWorkflow(
	spec: WorkflowSpec,
	describe: (node: NodeSpec) => INodeTypeDescription,
	credentials: CredentialsById,
): WorkflowData {
	workflows += 1;
	const saved = Object.entries(credentials);
	const nodes = spec.nodes.map((node, index): INode => {
		const fitting = (describe(node).credentials ?? []).flatMap(({ name }) => {
			const found = saved.find(([, credential]) => credential.type === name);
			return found ? [[name, { id: found[0], name: found[0] }]] : [];
		});
		return {
			id: `id of ${node.name}`,
			typeVersion: 1,
			position: [index * 200, 0],
			parameters: {},
			// n8n's default is a second
			waitBetweenTries: 1,
			credentials: Object.fromEntries(fitting),
			...stated(node),
		};
	});
	return {
		id: spec.id ?? `workflow-${workflows}`,
		name: spec.name ?? 'Test',
		nodes: structuredClone(nodes),
		connections: structuredClone(spec.connections),
		settings: { executionOrder: 'v1', ...spec.settings },
	};
}
