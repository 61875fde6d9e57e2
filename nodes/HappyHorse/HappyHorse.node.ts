// The front door: parameters become a checked request, the request a paid task, the task a video, the video an item.
import type {
	IExecuteFunctions,
	INodeExecutionData,
	INodeType,
	INodeTypeDescription,
} from 'n8n-workflow';
import { NodeConnectionTypes } from 'n8n-workflow';
import { hints, properties, subtitle } from './description';
import { execute } from './execute';
import { SERVICES } from './service';

/** The node, as n8n loads it. */
export class HappyHorse implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'HappyHorse',
		name: 'happyHorse',
		icon: {
			light: 'file:../../icons/happyhorse.svg',
			dark: 'file:../../icons/happyhorse.dark.svg',
		},
		group: ['transform'],
		version: 1,
		subtitle,
		description: `Generate and edit videos with the HappyHorse models, with a key of ${SERVICES.map(({ label }) => label).join(' or of ')}: each takes 1 to 5 minutes and costs money`,
		defaults: { name: 'HappyHorse' },
		usableAsTool: true,
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main],
		credentials: SERVICES.map(({ name, credential }) => ({
			name: credential,
			required: true,
			testedBy: credential,
			// By the path of the field: by its name, n8n would take it for a part of the credential and leave it out of the panel
			displayOptions: { show: { '/resource': ['video', 'task'], '/service': [name] } },
		})),
		hints,
		properties,
	};

	methods = {
		credentialTest: Object.fromEntries(
			SERVICES.map(({ credential, testCredential }) => [credential, testCredential]),
		),
	};

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		return await execute(this);
	}
}
