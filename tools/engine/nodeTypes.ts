// The node types that an engine knows: stand-ins for n8n's own, and those that a test adds.
import type {
	IBinaryData,
	IBinaryKeyData,
	IDataObject,
	IExecuteFunctions,
	INodeExecutionData,
	INodeType,
	INodeTypes,
} from 'n8n-workflow';
import { asTool, describeNode, InvokingAgent, RequestingAgent } from './aiTools';

/** Node types by their name in workflows. */
export type NodeTypesByName = Record<string, INodeType>;

/** A file in an item of a node before. */
export interface FileSpec {
	content: Buffer;
	fileName: string;
	mimeType: string;
}

/** An item of a node before. Its files are stored by the engine, like those of a real node. */
export interface ItemSpec {
	json: IDataObject;
	binary?: Record<string, FileSpec | IBinaryData>;
}

class NoOp implements INodeType {
	constructor(readonly description = describeNode('No Operation')) {}

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		return [this.getInputData()];
	}
}

/** n8n's "Loop Over Items" without options. First output: all items, at the end; second: the next batch. */
class Loop implements INodeType {
	description = describeNode('Loop Over Items', {
		outputs: ['main', 'main'],
		properties: [{ displayName: 'Batch Size', name: 'batchSize', type: 'number', default: 1 }],
	});

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		const state = this.getContext('node') as {
			items?: INodeExecutionData[];
			processed?: INodeExecutionData[];
		};
		if (state.items === undefined) {
			state.items = this.getInputData().slice();
			state.processed = [];
		} else {
			state.processed?.push(...this.getInputData());
		}
		const batch = state.items.splice(0, Number(this.getNodeParameter('batchSize', 0)));
		return batch.length > 0 ? [[], batch] : [state.processed ?? [], []];
	}
}

function isNewFile(file: FileSpec | IBinaryData): file is FileSpec {
	return Buffer.isBuffer(file.content);
}

/** A node type that puts out `items`, whatever its input. */
export function itemsNode(items: ItemSpec[]): INodeType {
	return {
		description: describeNode('Items'),
		async execute() {
			const stored = async ([key, file]: [string, FileSpec | IBinaryData]) => [
				key,
				isNewFile(file)
					? await this.helpers.prepareBinaryData(file.content, file.fileName, file.mimeType)
					: file,
			];
			const output = items.map(async ({ json, binary }): Promise<INodeExecutionData> => {
				if (!binary) return { json: structuredClone(json) };
				const files = await Promise.all(Object.entries(binary).map(stored));
				return { json: structuredClone(json), binary: Object.fromEntries(files) as IBinaryKeyData };
			});
			return [await Promise.all(output)];
		},
	};
}

/** Stand-ins for nodes of n8n, under n8n's names, and the two kinds of agents. */
export const builtIn: NodeTypesByName = {
	'n8n-nodes-base.manualTrigger': new NoOp(
		describeNode('Manual Trigger', { group: ['trigger'], inputs: [] }),
	),
	'n8n-nodes-base.noOp': new NoOp(),
	'n8n-nodes-base.splitInBatches': new Loop(),
	'test.invokingAgent': new InvokingAgent(),
	'test.requestingAgent': new RequestingAgent(),
};

/** Finds node types for n8n-core. A name with `Tool` at its end is that node type as a tool. */
export class NodeTypes implements INodeTypes {
	private readonly found = new Map<string, INodeType>();

	/** @param onExecute called with the node's name before each execution of a node */
	constructor(
		private readonly known: NodeTypesByName,
		private readonly onExecute: (nodeName: string) => void = () => {},
	) {}

	getByName(name: string): INodeType {
		const found = this.found.get(name) ?? this.watched(this.find(name));
		this.found.set(name, found);
		return found;
	}

	getByNameAndVersion(name: string): INodeType {
		return this.getByName(name);
	}

	getKnownTypes(): IDataObject {
		const names = Object.keys(this.known);
		return Object.fromEntries(names.map((name) => [name, { className: name, sourcePath: '' }]));
	}

	private find(name: string): INodeType {
		if (Object.hasOwn(this.known, name)) return this.known[name];
		const base = name.replace(/Tool$/, '');
		if (base !== name && Object.hasOwn(this.known, base)) return asTool(this.known[base]);
		throw new Error(`Unrecognized node type: ${name}`);
	}

	private watched(nodeType: INodeType): INodeType {
		const { onExecute } = this;
		const { execute } = nodeType;
		if (!execute) return nodeType;
		const counting: INodeType['execute'] = async function (response) {
			onExecute(this.getNode().name);
			return await execute.call(this, response);
		};
		return Object.create(nodeType, { execute: { value: counting } });
	}
}
