// A form with one file in it, made while it is sent: the file is never held whole.
import type { ByteSource } from '../domain/order';

/** A file that is read when its turn comes. */
export interface FormFile {
	/** For the form only: letters, digits and dots. */
	readonly name: string;
	/** Bytes. */
	readonly size: number;
	open(): Promise<ByteSource>;
}

/**
 * A form of fields and a file, the file last. A `Blob` that is not in memory: n8n's HTTP client asks one for its size and
 * type, and reads it as a stream.
 */
export class FormBody extends Blob {
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
		private readonly file: FormFile,
		boundary: string,
	) {
		super([]);
		const parts = Object.entries(fields).map(
			([name, value]) =>
				`--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
		);
		const last = `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="${file.name}"\r\nContent-Type: application/octet-stream\r\n\r\n`;
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
