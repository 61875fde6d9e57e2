// The thin adapter to n8n's input: parameters of one item as they come, and the binary fields it carries.
import type { IBinaryData, IExecuteFunctions } from 'n8n-workflow';
import { labelOf } from '../description';
import { SIGNED_LINK_HOURS } from '../description/settings';
import { reasonOf } from '../reason';
import { storedBytes } from '../storedFile';
import { InputError } from './inputError';
import type { ByteSource } from './order';

/** A file in a binary field of the input item. */
export interface InputFile {
	/** How a message calls it, e.g. `"photo.png" (field "data")`. */
	readonly name: string;
	/** Bytes, as n8n counted them. */
	size(): Promise<number>;
	/** Its bytes from the first on; may be called again. */
	open(): Promise<ByteSource>;
	/**
	 * A link of this n8n, under which anybody can fetch the file for some hours.
	 * @throws InputError where n8n keeps its files in memory, and so can't serve them.
	 */
	signedLink(): string;
}

/** One input item, as far as step 1 looks at it. */
export interface InputItem {
	/**
	 * The value of a parameter for this item, undefined where it is not set.
	 * @throws InputError when its expression fails.
	 */
	value(parameter: string): unknown;
	/** The file in a binary field. @throws InputError when there is none. */
	file(field: string): InputFile;
}

type Attempt<T> = { ok: true; value: T } | { ok: false; reason: string };

function attempt<T>(read: () => T): Attempt<T> {
	try {
		return { ok: true, value: read() };
	} catch (error) {
		return { ok: false, reason: reasonOf(error) };
	}
}

function inputFile(context: IExecuteFunctions, field: string, binary: IBinaryData): InputFile {
	const { id } = binary;
	const name = binary.fileName ? `"${binary.fileName}" (field "${field}")` : `in field "${field}"`;
	return {
		name,
		async size() {
			return await storedBytes(context, binary);
		},
		async open() {
			if (id === undefined) return [Buffer.from(binary.data, 'base64')];
			return await context.helpers.getBinaryStream(id);
		},
		signedLink() {
			if (id === undefined) {
				throw new InputError(
					`The video ${name} can't be handed to the service: this n8n keeps files in memory and can't serve them`,
					'Set N8N_DEFAULT_BINARY_DATA_MODE to filesystem, or put the video somewhere public and use its URL.',
				);
			}
			return context.helpers.createBinarySignedUrl(binary, `${SIGNED_LINK_HOURS} hours`);
		},
	};
}

/** The input item with index `item`, from 0. */
export function inputItem(context: IExecuteFunctions, item: number): InputItem {
	return {
		value(parameter) {
			// Without a value to fall back to, n8n throws for a parameter that is not set, such as a hidden one
			const read = attempt<unknown>(() => context.getNodeParameter(parameter, item, null));
			if (read.ok) return read.value ?? undefined;
			const message = `The expression of the field "${labelOf(parameter)}" failed: ${read.reason}`;
			throw new InputError(message, 'Correct the expression.');
		},
		file(field) {
			const read = attempt(() => context.helpers.assertBinaryData(item, field));
			if (read.ok) return inputFile(context, field, read.value);
			const fix = `Check the name, and that the node before outputs a file. n8n says: ${read.reason}`;
			throw new InputError(
				`The input item has no file in the field "${field}" (Input Binary Field)`,
				fix,
			);
		},
	};
}
