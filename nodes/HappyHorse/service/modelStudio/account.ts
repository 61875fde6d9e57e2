// The credential of Model Studio, checked before anything is sent with it.
import type { Checked, CredentialProblem } from '../account';
import { checkedBaseUrl, checkedKey } from '../account';
import type { Account } from '../http/http';
import type { Region } from './address';
import { baseUrlOf, REGIONS } from './address';

/** Name of the credential type. */
export const CREDENTIAL = 'happyHorseModelStudioApi';

/** What the names of hosts may begin with. */
const WORKSPACE_ID = /^[a-z0-9-]{0,63}$/i;

/** The fields of the credential, as n8n hands them out. */
interface Fields {
	readonly apiKey?: unknown;
	readonly region?: unknown;
	readonly workspaceId?: unknown;
	readonly baseUrl?: unknown;
}

/** The address of a region. */
function regionUrl(region: Region, value: unknown): Checked {
	const workspaceId = typeof value === 'string' ? value.trim() : '';
	const url = WORKSPACE_ID.test(workspaceId) ? baseUrlOf(region, workspaceId) : undefined;
	return url === undefined ? { ok: false, problem: 'workspace' } : { ok: true, value: url };
}

/** What the address of a region is often printed with: the paths of this node begin with it. */
const PRINTED_PATH = /\/(?:api|compatible-mode)\/v1$/i;

/** The address of a gateway. */
function gatewayUrl(value: unknown): Checked {
	const url = checkedBaseUrl(value);
	return url.ok ? { ok: true, value: url.value.replace(PRINTED_PATH, '') } : url;
}

/** The account that a credential is for, and its region; or what is wrong with it. */
export function checkedAccount({
	apiKey,
	region: wanted = 'singapore',
	workspaceId,
	baseUrl,
}: Fields):
	| { readonly ok: true; readonly account: Account; readonly region: Region }
	| { readonly ok: false; readonly problem: CredentialProblem } {
	const region = REGIONS.find((one) => one === wanted);
	if (region === undefined) return { ok: false, problem: 'region' };
	const url = region === 'other' ? gatewayUrl(baseUrl) : regionUrl(region, workspaceId);
	if (!url.ok) return url;
	const key = checkedKey(apiKey);
	if (!key.ok) return key;
	const account = { credential: CREDENTIAL, baseUrl: url.value, key: key.value };
	return { ok: true, account, region };
}
