// A file of this n8n goes to the service's temporary storage, and becomes an address that only the service knows.
import { randomBytes } from 'crypto';
import { clock } from '../../util/clock';
import { detailsOfExchange, validLink } from '../details';
import type { FormFile } from '../formBody';
import { FormBody } from '../formBody';
import type { Account, Exchange } from '../http/http';
import { exchange, sendingMs } from '../http/http';
import type { Connection } from '../httpService';
import { askAbout } from '../httpService';
import { parseJson } from '../json';
import type { Redactor } from '../redact';
import type { Upload } from '../service';
import { isGood } from '../verdict';
import { POLICY_PATH } from './address';
import type { UploadPolicy } from './contract';
import { policyAnswer } from './contract';
import { policyRefusal } from './verdict';

/**
 * What became of an upload. `notHere`: this address has no uploads. The rest as in {@link Upload}; nothing was ordered.
 */
export type Uploaded =
	| { readonly kind: 'uploaded'; readonly url: string }
	| { readonly kind: 'notHere' }
	| Exclude<Upload, { kind: 'done' }>;

/** Statuses with which an address says that it has no uploads. */
const NOT_HERE = new Set([404, 405, 501]);

function policyIn(answered: Exchange): UploadPolicy | undefined {
	if (answered.kind !== 'answer' || !isGood(answered.status)) return undefined;
	return policyAnswer.safeParse(parseJson(answered.text)).data?.data;
}

/** The host that takes the file; undefined where it is none, or less safe than the service itself. */
function uploadHost(
	{ baseUrl }: Account,
	{ upload_host }: UploadPolicy,
	redactor: Redactor,
): string | undefined {
	const host = validLink(upload_host, redactor);
	const isSafe = host?.toLowerCase().startsWith('https:') || !/^https:/i.test(baseUrl);
	return isSafe ? host : undefined;
}

/** The fields of the form, in the order of the service's reference; the file follows. */
function formFields(policy: UploadPolicy, key: string): Record<string, string> {
	return {
		OSSAccessKeyId: policy.oss_access_key_id,
		Signature: policy.signature,
		policy: policy.policy,
		'x-oss-object-acl': policy.x_oss_object_acl,
		'x-oss-forbid-overwrite': policy.x_oss_forbid_overwrite,
		key,
		success_action_status: '200',
	};
}

/**
 * Uploads a file for orders of one model. The key goes to the service only, never to the host that takes the file. Never
 * rejects; aborting `signal` ends it at once.
 */
export async function uploadFile(
	connection: Connection,
	model: string,
	file: Pick<FormFile, 'size' | 'open'>,
	signal: AbortSignal,
): Promise<Uploaded> {
	const { context, account, redactor, cancel } = connection;
	const path = POLICY_PATH + encodeURIComponent(model);
	const answered = await askAbout(connection, path, 'GET', { signal });
	const policy = policyIn(answered);
	if (policy === undefined) {
		const refused = policyRefusal(answered, redactor, clock.now());
		// A model that is not there is told in the same way: with a code of its own
		const isNotHere =
			answered.kind === 'answer' &&
			NOT_HERE.has(answered.status) &&
			!(refused.kind === 'refused' && refused.details.code === 'ModelNotFound');
		return isNotHere ? { kind: 'notHere' } : refused;
	}
	redactor.add(policy.policy, policy.signature, policy.oss_access_key_id);
	const baseUrl = uploadHost(account, policy, redactor);
	if (baseUrl === undefined) {
		const text = 'The service named no usable host to upload to.';
		return { kind: 'notUploaded', details: { text } };
	}
	const name = `${randomBytes(12).toString('hex')}.mp4`;
	const key = `${policy.upload_dir.replace(/\/$/, '')}/${name}`;
	const boundary = randomBytes(24).toString('hex');
	const form = new FormBody(formFields(policy, key), { ...file, name }, boundary);
	const upload = {
		method: 'POST',
		path: '',
		headers: { 'Content-Type': form.type },
		body: form,
		timeoutMs: sendingMs(file.size),
	} as const;
	const ending = AbortSignal.any([cancel, signal]);
	const sent = await exchange(context, { baseUrl }, upload, ending);
	return sent.kind === 'answer' && isGood(sent.status)
		? { kind: 'uploaded', url: `oss://${key}` }
		: { kind: 'notUploaded', details: detailsOfExchange(sent, redactor) };
}
