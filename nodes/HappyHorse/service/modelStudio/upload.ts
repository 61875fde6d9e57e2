// A file of this n8n goes to the service's temporary storage, and becomes an address that only the service knows. From Model
// Studio's reference of temporary uploads.
import { randomBytes } from 'crypto';
import { z } from 'zod';
import type { SourceVideo } from '../../domain/order';
import type { Exchange } from '../http/http';
import type { Protocol } from '../httpService';
import { parseJson } from '../json';
import type { Upload } from '../service';
import type { Verdicts } from '../verdict';
import { goodText, isGood, NOT_THERE } from '../verdict';

/**
 * A form of fields and a file, the file last. A `Blob` that is not in memory: n8n's HTTP client asks one for its size and
 * type, and iterates over its stream, which throws where the file is no longer as long as it was.
 */
function formBody(
	fields: Readonly<Record<string, string>>,
	file: Extract<SourceVideo, { kind: 'file' }>,
	name: string,
): Blob {
	const boundary = randomBytes(24).toString('hex');
	const parts = Object.entries(fields).map(
		([field, value]) =>
			`--${boundary}\r\nContent-Disposition: form-data; name="${field}"\r\n\r\n${value}\r\n`,
	);
	const last = `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="${name}"\r\nContent-Type: application/octet-stream\r\n\r\n`;
	const head = Buffer.from(parts.join('') + last);
	const tail = Buffer.from(`\r\n--${boundary}--\r\n`);

	async function* pieces() {
		yield head;
		let size = 0;
		for await (const piece of await file.open()) {
			size += piece.length;
			if (size > file.size) break;
			yield piece;
		}
		if (size !== file.size) throw new Error('The file has changed');
		yield tail;
	}

	const size = head.length + file.size + tail.length;
	const form = new Blob([], { type: `multipart/form-data; boundary=${boundary}` });
	// n8n drops a body without enumerable properties of its own
	return Object.defineProperties(form, {
		size: { value: size, enumerable: true },
		stream: { value: pieces },
	});
}

/** Where and how a file can be uploaded. */
const policyAnswer = z.object({
	data: z.object({
		policy: z.string(),
		signature: z.string(),
		upload_dir: z.string().min(1),
		upload_host: z.string(),
		oss_access_key_id: z.string(),
		x_oss_object_acl: z.string(),
		x_oss_forbid_overwrite: z.union([z.string(), z.boolean().transform(String)]),
	}),
});

/** What it means that no policy came: nothing was ordered, and a question may be asked again whatever became of it. */
function noPolicyIn(answered: Exchange, verdicts: Verdicts): Upload {
	const verdict = verdicts.refusal(answered);
	const { details } = verdict;
	// A model that is not there is told in the same way: with a code of its own
	const isNotHere = answered.kind === 'answer' && NOT_THERE.has(answered.status);
	if (isNotHere && details.code !== 'ModelNotFound') return { kind: 'done' };
	return verdict.kind === 'notSent' || verdict.kind === 'unsure'
		? { kind: 'notUploaded', details }
		: verdict;
}

/** Uploads a file for orders of one model. The key goes to the service only, never to the host that takes the file. */
export const uploadFile: NonNullable<Protocol['uploadFile']> = async (api, model, file, signal) => {
	const { account, verdicts } = api;
	const { redactor } = verdicts;
	const path = `/api/v1/uploads?action=getPolicy&model=${encodeURIComponent(model)}`;
	const answered = await api.ask(path, 'GET', { signal });
	const policy = policyAnswer.safeParse(parseJson(goodText(answered))).data?.data;
	if (policy === undefined) return noPolicyIn(answered, verdicts);
	redactor.add(policy.policy, policy.signature, policy.oss_access_key_id);
	const baseUrl = redactor.link(policy.upload_host);
	// The file goes nowhere that is less safe than the service itself
	const isHttps = (url: string) => /^https:/i.test(url);
	if (baseUrl === undefined || (isHttps(account.baseUrl) && !isHttps(baseUrl))) {
		const text = 'The service named no usable host to upload to.';
		return { kind: 'notUploaded', details: { text } };
	}
	const name = `${randomBytes(12).toString('hex')}.mp4`;
	const key = `${policy.upload_dir.replace(/\/$/, '')}/${name}`;
	// In the order of the service's reference
	const fields = {
		OSSAccessKeyId: policy.oss_access_key_id,
		Signature: policy.signature,
		policy: policy.policy,
		'x-oss-object-acl': policy.x_oss_object_acl,
		'x-oss-forbid-overwrite': policy.x_oss_forbid_overwrite,
		key,
		success_action_status: '200',
	};
	const form = formBody(fields, file, name);
	const sent = await api.send({ baseUrl }, '', form, { 'Content-Type': form.type }, signal);
	return isGood(sent)
		? { kind: 'done', url: `oss://${key}` }
		: { kind: 'notUploaded', details: verdicts.told(sent).details };
};
