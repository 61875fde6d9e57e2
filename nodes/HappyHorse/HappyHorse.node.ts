// The front door: parameters become a checked request, the request a paid task, the task a video, the video an item.
import type {
	INodeCredentialDescription,
	IExecuteFunctions,
	INodeExecutionData,
	INodeType,
	INodeTypeDescription,
} from 'n8n-workflow';
import { NodeConnectionTypes } from 'n8n-workflow';
import { properties, subtitle } from './description';
import { hints, nodeHint } from './description/hints';
import { execute } from './execute';
import { SERVICES } from './service';

/** When a service's credential is shown. By paths: of plain names, n8n would take the fields for parts of the credential. */
function ofService(name: string): INodeCredentialDescription['displayOptions'] {
	return { show: { '/resource': ['video', 'task'], '/service': [name] } };
}

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
		description: `Generate and edit videos with the HappyHorse models, with an API key from ${SERVICES.map(({ label }) => label).join(' or ')}: each takes a few minutes and costs money`,
		defaults: { name: 'HappyHorse' },
		usableAsTool: true,
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main],
		// Those of SERVICES, spelled out: n8n's lint reads them here
		credentials: [
			{
				name: 'happyHorseApi',
				required: true,
				testedBy: 'happyHorseApi',
				displayOptions: ofService('imini'),
			},
			{
				name: 'happyHorseModelStudioApi',
				required: true,
				testedBy: 'happyHorseModelStudioApi',
				displayOptions: ofService('modelStudio'),
			},
		],
		hints,
		...nodeHint,
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
