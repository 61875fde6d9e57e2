// The credential for Model Studio: an API key, and the region it is of. Its Test is the node's.
import type { ICredentialType, Icon, INodeProperties } from 'n8n-workflow';
import { AUTHENTICATE } from '../nodes/HappyHorse/service/account';
import { workspaceRegions } from '../nodes/HappyHorse/service/modelStudio/address';

/** Workspace ID, as it is shown for some regions. */
const workspaceId = {
	displayName: 'Workspace ID',
	name: 'workspaceId',
	type: 'string',
	default: '',
	placeholder: 'e.g. llm-abc123',
} as const;

/** The credential type, as n8n loads it. */
export class HappyHorseModelStudioApi implements ICredentialType {
	name = 'happyHorseModelStudioApi';

	displayName = 'HappyHorse Alibaba Model Studio API';

	icon: Icon = {
		light: 'file:../icons/happyhorse.svg',
		dark: 'file:../icons/happyhorse.dark.svg',
	};

	documentationUrl = 'https://github.com/n8n-nodes-happyhorse/n8n-nodes-happyhorse#credentials';

	properties: INodeProperties[] = [
		{
			displayName: 'API Key',
			name: 'apiKey',
			type: 'string',
			typeOptions: { password: true },
			required: true,
			default: '',
			description:
				'Create a key in the <a href="https://modelstudio.console.alibabacloud.com" target="_blank">console of Model Studio</a>, or in <a href="https://bailian.console.aliyun.com" target="_blank">that of Beijing</a>',
		},
		{
			displayName: 'Region',
			name: 'region',
			type: 'options',
			options: [
				{ name: 'China (Beijing)', value: 'beijing' },
				{ name: 'China (Hong Kong)', value: 'hongKong' },
				{ name: 'Germany (Frankfurt)', value: 'frankfurt' },
				{ name: 'Other, or a Gateway', value: 'other' },
				{ name: 'Singapore', value: 'singapore' },
				{ name: 'US (Virginia)', value: 'virginia' },
			],
			default: 'singapore',
			description: 'Where the key was created: it is good there only',
		},
		{
			...workspaceId,
			description:
				'The workspace that the key belongs to, for an address of its own; if left empty, the address that all workspaces of the region share',
			displayOptions: { show: { region: workspaceRegions(false) } },
		},
		{
			...workspaceId,
			required: true,
			description:
				'The workspace that the key belongs to: in this region each has an address of its own',
			displayOptions: { show: { region: workspaceRegions(true) } },
		},
		{
			displayName: 'Base URL',
			name: 'baseUrl',
			type: 'string',
			required: true,
			default: '',
			placeholder: 'e.g. https://dashscope.aliyuncs.com',
			description: 'Address of the gateway or region, which has to speak the DashScope protocol',
			displayOptions: { show: { region: ['other'] } },
		},
	];

	authenticate = AUTHENTICATE;
}
