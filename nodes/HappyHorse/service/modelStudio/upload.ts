// A file of this n8n goes to the service's temporary storage, and becomes an address that only the service knows. From Model
// Studio's reference of temporary uploads.
import { randomBytes } from 'crypto';
import { z } from 'zod';
import type { SourceVideo } from '../../domain/order';
import type { Exchange } from '../http/http';
import type { Api, UploadedFile } from '../httpService';
import { parseJson } from '../json';
import type { Verdicts } from '../verdict';
import { isGood } from '../verdict';
import { POLICY_PATH } from './address';

type VideoFile = Extract<SourceVideo, { kind: 'file' }>;

/**
 * A form of fields and a file, the file last. A `Blob` that is not in memory: n8n's HTTP client asks one for its size and
 * type, and reads it as a stream.
 */
class FormBody extends Blob {
	override readonly size: number;
	override readonly type: string;
	private readonly head: Uint8Array<ArrayBuffer>;
	private readonly tail: Uint8Array<ArrayBuffer>;

	/**
	 * @param boundary lower-case letters and digits that stand nowhere in the form: some dozen random ones
	 * @throws Error while it is read, where the file is no longer as long as it was
	 */
	constructor(
		fields: Readonly<Record<string, string>>,
		private readonly file: Pick<VideoFile, 'size' | 'open'>,
		name: string,
		boundary: string,
	) {
		super([]);
		const parts = Object.entries(fields).map(
			([name, value]) =>
				`--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
		);
		const last = `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="${name}"\r\nContent-Type: application/octet-stream\r\n\r\n`;
		this.head = Buffer.from(parts.join('') + last);
		this.tail = Buffer.from(`\r\n--${boundary}--\r\n`);
		this.size = this.head.length + file.size + this.tail.length;
		this.type = `multipart/form-data; boundary=${boundary}`;
	}

	override stream(): ReadableStream<Uint8Array<ArrayBuffer>> {
		const pieces = this.pieces();
		return new ReadableStream({
			async pull(controller) {
				const { done, value } = await pieces.next();
				if (done) controller.close();
				else controller.enqueue(value);
			},
			async cancel() {
				await pieces.return();
			},
		});
	}

	private async *pieces(): AsyncGenerator<Uint8Array<ArrayBuffer>, void, void> {
		yield this.head;
		let size = 0;
		for await (const piece of await this.file.open()) {
			size += piece.length;
			if (size > this.file.size) break;
			yield new Uint8Array(piece);
		}
		if (size !== this.file.size) throw new Error('The file has changed');
		yield this.tail;
	}
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

/** Statuses with which an address says that it has no uploads. */
const NOT_HERE = new Set([404, 405, 501]);

function policyIn(answered: Exchange) {
	if (answered.kind !== 'answer' || !isGood(answered.status)) return undefined;
	return policyAnswer.safeParse(parseJson(answered.text)).data?.data;
}

/** What it means that no policy came: nothing was ordered, and a question may be asked again whatever became of it. */
function noPolicyIn(answered: Exchange, verdicts: Verdicts): UploadedFile {
	const verdict = verdicts.refusal(answered);
	const { details } = verdict;
	// A model that is not there is told in the same way: with a code of its own
	const isNotHere = answered.kind === 'answer' && NOT_HERE.has(answered.status);
	if (isNotHere && details.code !== 'ModelNotFound') return { kind: 'done', url: undefined };
	return verdict.kind === 'notSent' || verdict.kind === 'unsure'
		? { kind: 'notUploaded', details }
		: verdict;
}

/**
 * Uploads a file for orders of one model. The key goes to the service only, never to the host that takes the file. Never
 * rejects; aborting `signal` ends it at once.
 */
export async function uploadFile(
	api: Api,
	model: string,
	file: VideoFile,
	signal: AbortSignal,
): Promise<UploadedFile> {
	const { account, redactor, verdicts } = api;
	const answered = await api.ask(POLICY_PATH + encodeURIComponent(model), 'GET', { signal });
	const policy = policyIn(answered);
	if (policy === undefined) return noPolicyIn(answered, verdicts);
	redactor.add(policy.policy, policy.signature, policy.oss_access_key_id);
	const baseUrl = redactor.link(policy.upload_host);
	// The file goes nowhere that is less safe than the service itself
	const isSafe = /^https:/i.test(baseUrl ?? '') || !/^https:/i.test(account.baseUrl);
	if (baseUrl === undefined || !isSafe) {
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
	const form = new FormBody(fields, file, name, randomBytes(24).toString('hex'));
	const sent = await api.send({ baseUrl }, '', form, { 'Content-Type': form.type }, signal);
	return sent.kind === 'answer' && isGood(sent.status)
		? { kind: 'done', url: `oss://${key}` }
		: { kind: 'notUploaded', details: verdicts.told(sent).details };
}
