// Where Model Studio lives: kept apart from the rest of the contract, and free of imports, because the credential needs it too.

/** The regions of a key; `other` is a gateway, or a region that came later, at a Base URL of the user's. */
export const REGIONS = [
	'beijing',
	'hongKong',
	'singapore',
	'virginia',
	'frankfurt',
	'other',
] as const;

/** One of {@link REGIONS}. */
export type Region = (typeof REGIONS)[number];

/** Hosts for all workspaces of a region (Model Studio's reference; Singapore's is announced to go away). */
const SHARED_HOSTS: Partial<Record<Region, string>> = {
	beijing: 'dashscope.aliyuncs.com',
	singapore: 'dashscope-intl.aliyuncs.com',
	virginia: 'dashscope-us.aliyuncs.com',
};

/** What follows the workspace's id in the name of its host. */
const WORKSPACE_HOSTS: Partial<Record<Region, string>> = {
	beijing: 'cn-beijing.maas.aliyuncs.com',
	hongKong: 'cn-hongkong.maas.aliyuncs.com',
	singapore: 'ap-southeast-1.maas.aliyuncs.com',
	frankfurt: 'eu-central-1.maas.aliyuncs.com',
};

/** Regions whose workspaces have hosts of their own. `needed`: those where there is no other host. */
export function workspaceRegions(needed: boolean): Region[] {
	return REGIONS.filter((region) => region in WORKSPACE_HOSTS && region in SHARED_HOSTS !== needed);
}

/** The base URL of a region, with a workspace's id where there is one; undefined where the region needs more. */
export function baseUrlOf(region: Region, workspaceId: string): string | undefined {
	const own = WORKSPACE_HOSTS[region];
	const host =
		own !== undefined && workspaceId !== '' ? `${workspaceId}.${own}` : SHARED_HOSTS[region];
	return host && `https://${host}`;
}

/** Path of the create call (POST), below the base URL. */
export const CREATE_PATH = '/api/v1/services/aigc/video-generation/video-synthesis';

/** Path of the query call (GET), below the base URL; the task id follows, escaped. */
export const TASK_PATH = '/api/v1/tasks/';

/** Path of a page of the list of tasks (GET), with as many of them as there can be. */
export function listPath(page: number, model?: string, status?: string): string {
	const filters = Object.entries({ model_name: model, status }).flatMap(([name, value]) =>
		value === undefined ? [] : `&${name}=${encodeURIComponent(value)}`,
	);
	return `${TASK_PATH}?page_no=${page}&page_size=100${filters.join('')}`;
}

/** What follows the task id to cancel it (POST). */
export const CANCEL = '/cancel';

/** Path of the upload policy (GET), below the base URL; the model follows, escaped. */
export const POLICY_PATH = '/api/v1/uploads?action=getPolicy&model=';

/** Path of the list of models (GET), below the base URL: it costs nothing, and needs a key. */
export const MODELS_PATH = '/compatible-mode/v1/models';

/** The console of a region, of a gateway nobody knows; and the fields of the credential that lead there. */
export function pagesOf(region: Region): Record<'keys' | 'credits' | 'usage' | 'address', string> {
	const abroad = 'https://modelstudio.console.alibabacloud.com';
	const consoles: Partial<Record<Region, string>> = {
		beijing: 'https://bailian.console.aliyun.com',
		other: 'your provider',
	};
	const page = consoles[region] ?? abroad;
	const field = region in WORKSPACE_HOSTS ? 'Region and the Workspace ID' : 'Region';
	const address = region === 'other' ? 'Base URL' : field;
	return { keys: page, credits: page, usage: page, address };
}
