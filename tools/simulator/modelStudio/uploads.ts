// Temporary uploads: a policy from the API, a form for the upload host, and the file behind an oss:// address.
import { randomBytes, randomUUID } from 'node:crypto';
import { jsonAnswer, textAnswer, type Answer } from '../answers';
import { Refusal } from '../order';
import type { RecordedRequest } from '../request';
import { modeOf } from './rules';

/** Ms for which an uploaded file can be ordered with. */
const FILE_LIFETIME_MS = 48 * 60 * 60 * 1000;
/** Seconds for which a policy is good. */
const POLICY_SECONDS = 300;
/** Megabytes of a file. */
const MAX_FILE_MB = 100;

/** A policy that was given out. */
interface Policy {
	apiKey: string;
	model: string;
	signature: string;
	uploadDir: string;
	/** Clock, ms since 1970. */
	until: number;
}

/** A file that was uploaded. */
export interface UploadedFile {
	apiKey: string;
	model: string;
	bytes: Buffer;
	/** Clock, ms since 1970. */
	until: number;
}

/** The uploads of one simulator. */
export class Uploads {
	/** By the key in their `oss://` address. */
	readonly files = new Map<string, UploadedFile>();

	private readonly policies = new Map<string, Policy>();

	/** Forgets policies and files. */
	clear(): void {
		this.files.clear();
		this.policies.clear();
	}

	/** A new policy, or a refusal of the request for one. */
	policyFor(request: RecordedRequest, apiKey: string, uploadHost: string): Answer {
		const query = new URL(request.path, 'http://127.0.0.1').searchParams;
		if (query.get('action') !== 'getPolicy') throw new Refusal('action', 'must be getPolicy');
		const model = query.get('model') ?? '';
		modeOf(model);
		const policy = randomBytes(24).toString('base64');
		const signature = randomBytes(15).toString('base64');
		const uploadDir = `dashscope-instant/${randomUUID()}`;
		const until = request.at + POLICY_SECONDS * 1000;
		this.policies.set(policy, { apiKey, model, signature, uploadDir, until });
		return jsonAnswer(200, {
			request_id: randomUUID(),
			data: {
				policy,
				signature,
				upload_dir: uploadDir,
				upload_host: uploadHost,
				expire_in_seconds: POLICY_SECONDS,
				max_file_size_mb: MAX_FILE_MB,
				capacity_limit_mb: 999_999_999,
				oss_access_key_id: 'LTAIsimulated',
				x_oss_object_acl: 'private',
				x_oss_forbid_overwrite: 'true',
			},
		});
	}

	/** Takes a file, as the upload host does: it knows no key, and answers in XML. */
	async take(request: RecordedRequest, body: Buffer): Promise<Answer> {
		const { authorization, 'content-type': type = '' } = request.headers;
		if (authorization !== undefined)
			return ossError('InvalidArgument', 'Only one auth mechanism allowed');
		const sent = new Response(new Uint8Array(body), { headers: { 'content-type': type } });
		const fields: Array<[name: string, value: unknown]> = [];
		const all = await sent.formData().catch(() => undefined);
		all?.forEach((value, field) => fields.push([field, value]));
		const [name, file] = fields.pop() ?? [];
		const form = Object.fromEntries(fields.map(([field, value]) => [field, String(value)]));
		request.form = form;
		if (name !== 'file' || !(file instanceof File))
			return ossError('MalformedPOSTRequest', 'The file must come last');
		const policy = this.policies.get(form.policy);
		const good =
			policy !== undefined &&
			form.Signature === policy.signature &&
			form.OSSAccessKeyId === 'LTAIsimulated' &&
			form['x-oss-object-acl'] === 'private' &&
			form['x-oss-forbid-overwrite'] === 'true' &&
			form.success_action_status === '200';
		if (!good) return signatureError(form);
		if (request.at > policy.until) return ossError('AccessDenied', 'Policy expired.');
		const { key = '' } = form;
		if (!key.startsWith(`${policy.uploadDir}/`) || key.length <= policy.uploadDir.length + 1)
			return ossError('AccessDenied', 'The key is outside of the upload directory');
		if (this.files.has(key)) return ossError('FileAlreadyExists', 'It exists and stays', 409);
		if (file.size > MAX_FILE_MB * 1024 * 1024)
			return ossError('EntityTooLarge', 'The file is too large');
		this.files.set(key, {
			apiKey: policy.apiKey,
			model: policy.model,
			bytes: Buffer.from(await file.arrayBuffer()),
			until: request.at + FILE_LIFETIME_MS,
		});
		return textAnswer(200, 'text/plain', '');
	}

	/** The file behind an address, if it is an `oss://` one. @throws Refusal where the order must not use it */
	fileOf(
		parameter: string,
		url: string,
		order: { apiKey: string; model: string; at: number },
	): Buffer | undefined {
		if (!url.startsWith('oss://')) return undefined;
		const file = this.files.get(url.slice('oss://'.length));
		if (file?.apiKey !== order.apiKey) throw new Refusal(parameter, 'there is no such upload');
		if (file.model !== order.model) throw new Refusal(parameter, 'was uploaded for another model');
		if (order.at > file.until) throw new Refusal(parameter, 'has expired');
		return file.bytes;
	}
}

/** A refusal of the upload host. `more`: further elements of its XML. */
function ossError(code: string, message: string, status = 403, more = ''): Answer {
	const text = `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${message}</Message>${more}</Error>`;
	return textAnswer(status, 'application/xml', text);
}

/** The refusal of a form that does not fit its policy. As OSS does, it quotes what the form was signed with. */
function signatureError({ OSSAccessKeyId, Signature, policy }: Record<string, string>): Answer {
	const quoted = `<OSSAccessKeyId>${OSSAccessKeyId}</OSSAccessKeyId><SignatureProvided>${Signature}</SignatureProvided><StringToSign>${policy}</StringToSign>`;
	const message = 'The request signature we calculated does not match the signature you provided.';
	return ossError('SignatureDoesNotMatch', message, 403, quoted);
}

/** The list of models, by which a key can be tested for nothing. */
export function modelList(): Answer {
	const data = ['happyhorse-1.1-t2v', 'happyhorse-1.0-video-edit', 'qwen-plus'].map((id) => ({
		id,
		object: 'model',
	}));
	return jsonAnswer(200, { object: 'list', data });
}
