// The node types that the engine knows: stand-ins for n8n's own, and those that a test brings.
import type {
	IBinaryData,
	IBinaryKeyData,
	IDataObject,
	IExecuteFunctions,
	INodeExecutionData,
	INodeType,
	INodeTypeDescription,
	INodeTypes,
} from 'n8n-workflow';
import { asTool, InvokingAgent, RequestingAgent } from './tools';

/** Node types by the name that workflows give them. */
export type NodeTypesByName = Record<string, INodeType>;

/** A file that a node before handed on. */
export interface FileSpec {
	content: Buffer;
	fileName: string;
	mimeType: string;
}

/** An item that a node before handed on. A file is stored by the engine, as a real node's would be. */
export interface ItemSpec {
	json: IDataObject;
	binary?: Record<string, FileSpec | IBinaryData>;
}

function describe(
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

class ManualTrigger implements INodeType {
	description = describe('Manual Trigger', { group: ['trigger'], inputs: [] });

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		return [this.getInputData()];
	}
}

class NoOp implements INodeType {
	description = describe('No Operation');

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		return [this.getInputData()];
	}
}

/** n8n's "Loop Over Items" without its options: first output when done, second for the loop. */
class Loop implements INodeType {
	description = describe('Loop Over Items', {
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

/** A node type that puts out `items`, whatever comes in. */
export function itemsNode(items: ItemSpec[]): INodeType {
	return {
		description: describe('Items'),
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

/** Stand-ins for what n8n brings along, under n8n's names. */
export const builtIn: NodeTypesByName = {
	'n8n-nodes-base.manualTrigger': new ManualTrigger(),
	'n8n-nodes-base.noOp': new NoOp(),
	'n8n-nodes-base.splitInBatches': new Loop(),
	'test.invokingAgent': new InvokingAgent(),
	'test.requestingAgent': new RequestingAgent(),
};

/** The engine's way to node types. A name that ends in `Tool` is that node turned into a tool. */
export class NodeTypes implements INodeTypes {
	private readonly found = new Map<string, INodeType>();

	/** @param onTry told before each time that a node is carried out */
	constructor(
		private readonly known: NodeTypesByName,
		private readonly onTry: (nodeName: string) => void,
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
		const { onTry } = this;
		const { execute } = nodeType;
		if (!execute) return nodeType;
		const counting: INodeType['execute'] = async function (response) {
			onTry(this.getNode().name);
			return await execute.call(this, response);
		};
		return Object.create(nodeType, { execute: { value: counting } });
	}
}
