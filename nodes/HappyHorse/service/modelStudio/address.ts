// Where Model Studio lives: kept apart from the rest of the contract, and free of imports, because the credential needs it too.

/** A region of keys. */
interface Region {
	/** Its value in the credential. */
	readonly name: string;
	/** The host of all its workspaces, where there is one. */
	readonly shared?: string;
	/** What follows the ID of a workspace in the name of its own host; left out where none has one. */
	readonly own?: string;
	/** The address of its console, where that is not the one of most. */
	readonly console?: string;
}

/**
 * From Model Studio's reference; Singapore's shared host is announced to go away. `other` is a gateway, or a region that came
 * later, at a Base URL of the user's.
 */
export const REGIONS: readonly Region[] = [
	{
		name: 'beijing',
		shared: 'dashscope.aliyuncs.com',
		own: 'cn-beijing.maas.aliyuncs.com',
		console: 'https://bailian.console.aliyun.com',
	},
	{ name: 'hongKong', own: 'cn-hongkong.maas.aliyuncs.com' },
	{
		name: 'singapore',
		shared: 'dashscope-intl.aliyuncs.com',
		own: 'ap-southeast-1.maas.aliyuncs.com',
	},
	{ name: 'virginia', shared: 'dashscope-us.aliyuncs.com' },
	{ name: 'frankfurt', own: 'eu-central-1.maas.aliyuncs.com' },
	{ name: 'other', console: 'your provider' },
];

/** Regions whose workspaces have hosts of their own. `needed`: those where there is no other host. */
export function workspaceRegions(needed: boolean): string[] {
	return REGIONS.filter(
		({ shared, own }) => own !== undefined && (shared === undefined) === needed,
	).map(({ name }) => name);
}

/** The console of a region, of a gateway nobody knows; and the fields of the credential that lead there. */
export function pagesOf({ name, own, console }: Region) {
	const keys = console ?? 'https://modelstudio.console.alibabacloud.com';
	const field = own === undefined ? 'Region' : 'Region and the Workspace ID';
	return { keys, account: keys, address: name === 'other' ? 'Base URL' : field };
}
