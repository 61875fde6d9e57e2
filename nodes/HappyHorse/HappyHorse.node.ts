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
import { testIminiCredential } from './service/imini/credentialCheck';
import { testModelStudioCredential } from './service/modelStudio/credentialCheck';

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
		description:
			'Generate and edit videos with the HappyHorse models, with a key of iMini or of Alibaba Model Studio: each takes 1 to 5 minutes and costs money',
		defaults: { name: 'HappyHorse' },
		usableAsTool: true,
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main],
		credentials: [
			{
				name: 'happyHorseApi',
				required: true,
				testedBy: 'happyHorseApi',
				// Not `show` for both: n8n would take Service for a part of the credential, and leave it out of the panel
				displayOptions: { hide: { service: ['modelStudio'] } },
			},
			{
				name: 'happyHorseModelStudioApi',
				required: true,
				testedBy: 'happyHorseModelStudioApi',
				displayOptions: { show: { service: ['modelStudio'] } },
			},
		],
		hints,
		properties,
	};

	methods = {
		credentialTest: {
			happyHorseApi: testIminiCredential,
			happyHorseModelStudioApi: testModelStudioCredential,
		},
	};

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		return await execute(this);
	}
}
