// The node's parameters as n8n's editor and engine see them: the same functions of n8n-workflow decide here.
import type {
	INode,
	INodeParameters,
	INodeProperties,
	INodePropertyCollection,
	INodePropertyOptions,
	INodeTypeDescription,
} from 'n8n-workflow';
import { NodeConnectionTypes, NodeHelpers, Workflow } from 'n8n-workflow';
import { properties } from '../../nodes/HappyHorse/description';

/** As much of the node's description as decides which parameters it has. */
export const nodeType: INodeTypeDescription = {
	displayName: 'HappyHorse',
	name: 'happyHorse',
	group: ['transform'],
	version: 1,
	description: '',
	defaults: { name: 'HappyHorse' },
	inputs: [NodeConnectionTypes.Main],
	outputs: [NodeConnectionTypes.Main],
	properties,
};

/** A node of a saved workflow: only what the user changed is stored. */
export function nodeWith(parameters: INodeParameters): INode {
	return {
		id: 'n',
		name: 'HappyHorse',
		type: 'n8n-nodes-happyhorse.happyHorse',
		typeVersion: 1,
		position: [0, 0],
		parameters,
	};
}

/** A workflow of `node` alone, for its expressions. */
export function workflowOf(node: INode): Workflow {
	const nodeTypes = {
		getByName: () => ({ description: nodeType }),
		getByNameAndVersion: () => ({ description: nodeType }),
		getKnownTypes: () => ({}),
	};
	return new Workflow({ nodes: [node], connections: {}, active: false, nodeTypes });
}

/** What the node gets at run time of the stored `parameters`: defaults filled in, hidden ones left out. */
export function atRunTime(parameters: INodeParameters): INodeParameters {
	const node = nodeWith(parameters);
	return NodeHelpers.getNodeParameters(properties, parameters, true, false, node, nodeType) ?? {};
}

/** What the editor decides by: also what is left over in fields that are hidden by now. */
function inEditor(parameters: INodeParameters): INodeParameters {
	return { ...atRunTime(parameters), ...parameters };
}

/** The fields that the editor shows for the stored `parameters`, in its order. */
export function shownFields(parameters: INodeParameters): INodeProperties[] {
	const values = inEditor(parameters);
	return properties.filter((property) =>
		NodeHelpers.displayParameter(values, property, nodeWith(parameters), nodeType),
	);
}

/** The options that "Add Option" offers for the stored `parameters`, in its order. */
export function offeredOptions(parameters: INodeParameters): INodeProperties[] {
	const values = inEditor(parameters);
	const collections = shownFields(parameters).filter((property) => property.name === 'options');
	return collections
		.flatMap((collection) => collection.options ?? [])
		.filter((option): option is INodeProperties => 'type' in option)
		.filter((option) =>
			NodeHelpers.displayParameter({}, option, nodeWith(parameters), nodeType, values),
		);
}

/** Entries of a drop-down list. */
export function entries(property: INodeProperties): INodePropertyOptions[] {
	return (property.options ?? []).filter(
		(entry): entry is INodePropertyOptions => 'value' in entry,
	);
}

/** Sections of a fixed collection. */
export function sections(property: INodeProperties): INodePropertyCollection[] {
	return (property.options ?? []).filter(
		(entry): entry is INodePropertyCollection => 'values' in entry,
	);
}

/** Every field there is, those inside collections too. */
export function allFields(list: INodeProperties[] = properties): INodeProperties[] {
	return list.flatMap((property) => [
		property,
		...allFields(
			(property.options ?? []).filter((entry): entry is INodeProperties => 'type' in entry),
		),
		...sections(property).flatMap((section) => allFields(section.values)),
	]);
}
