// Where iMini lives: kept apart from the rest of the contract, and free of imports, because the credential needs it too.

/** Where the service lives unless the credential says otherwise. */
export const DEFAULT_BASE_URL = 'https://openapi.imini.ai/imini/router';

/** Its website, and the field of the credential that leads there. */
export const PAGES = {
	keys: 'https://imini.ai/api-keys',
	account: 'https://imini.ai',
	address: 'Base URL',
	otherKeys: 'Alibaba Model Studio',
} as const;
