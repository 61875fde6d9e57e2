// The credential: an API key, and where to use it. Its Test is the node's: see `service/credentialCheck.ts`.
import type { ICredentialType, Icon, INodeProperties } from 'n8n-workflow';
import { AUTHENTICATE } from '../nodes/HappyHorse/service/account';
import { DEFAULT_BASE_URL } from '../nodes/HappyHorse/service/imini/address';

/** The credential type, as n8n loads it. */
export class HappyHorseApi implements ICredentialType {
	name = 'happyHorseApi';

	displayName = 'HappyHorse iMini API';

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
				'Create a key at <a href="https://imini.ai/api-keys" target="_blank">imini.ai/api-keys</a>',
		},
		{
			displayName: 'Base URL',
			name: 'baseUrl',
			type: 'string',
			required: true,
			default: DEFAULT_BASE_URL,
			placeholder: `e.g. ${DEFAULT_BASE_URL}`,
			description: 'Address of the iMini API, to be changed only for a proxy in between',
		},
	];

	authenticate = AUTHENTICATE;
}
