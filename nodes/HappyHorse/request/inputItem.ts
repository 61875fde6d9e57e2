// The thin adapter to n8n's input: parameters of one item as they come, and the binary fields it carries.
import type { IBinaryData, IExecuteFunctions } from 'n8n-workflow';
import type { Failure } from '../failure';
import { invalidInput } from '../failure';
import type { ByteSource } from '../order';
import { reasonOf } from '../reason';
import { SIGNED_LINK_HOURS } from '../settings';
import { storedBytes } from '../storedFile';

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
	 * @throws Failure where n8n keeps its files in memory, and so can't serve them.
	 */
	signedLink(): string;
}

/** One input item, as far as step 1 looks at it. */
export interface InputItem {
	/**
	 * The value of a parameter for this item, undefined where it is not set.
	 * @throws Failure when its expression fails.
	 */
	value(parameter: string): unknown;
	/** The file in a binary field. @throws Failure when there is none. */
	file(field: string): InputFile;
}

/** What `read` returns; where it throws, the failure that `wording` makes of n8n's reason is thrown in its place. */
function orFail<T>(read: () => T, wording: (reason: string) => Failure): T {
	try {
		return read();
	} catch (error) {
		throw wording(reasonOf(error));
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
				throw invalidInput(
					`The video ${name} can't be handed to the service: this n8n keeps files in memory and can't serve them`,
					'Set N8N_DEFAULT_BINARY_DATA_MODE to filesystem, or put the video somewhere public and use its URL.',
				);
			}
			return context.helpers.createBinarySignedUrl(binary, `${SIGNED_LINK_HOURS} hours`);
		},
	};
}

/**
 * The input item with index `item`, from 0.
 * @param labelOf what the editor calls a parameter, for messages
 */
export function inputItem(
	context: IExecuteFunctions,
	item: number,
	labelOf: (parameter: string) => string,
): InputItem {
	return {
		value(parameter) {
			// Without a value to fall back to, n8n throws for a parameter that is not set, such as a hidden one
			const value: unknown = orFail(
				() => context.getNodeParameter(parameter, item, null),
				(reason) =>
					invalidInput(
						`The expression of the field "${labelOf(parameter)}" failed: ${reason}`,
						'Correct the expression.',
					),
			);
			return value ?? undefined;
		},
		file(field) {
			const binary = orFail(
				() => context.helpers.assertBinaryData(item, field),
				(reason) =>
					invalidInput(
						`The input item has no file in the field "${field}" (Input Binary Field)`,
						`Check the name, and that the node before outputs a file. n8n says: ${reason}`,
					),
			);
			return inputFile(context, field, binary);
		},
	};
}
