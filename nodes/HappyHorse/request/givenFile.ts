// Files by the names of their binary fields, or themselves: an expression may give the file of any node.
import type { IBinaryData } from 'n8n-workflow';
import { invalidInput } from '../failure';
import { emptyEntry, mustBe } from './badValue';
import type { InputFile, InputItem } from './inputItem';
import { isGivenFile } from './inputItem';
import { isBlank, parseLinks, parseNames } from './values';

/** Files that are looked at, at most: far more than any order takes. */
const MOST_FILES = 100;

/**
 * The files that a field "Input Binary Field" means: by one name or several (see {@link parseNames}), as a file or a list
 * of files, or mixed. @throws Failure when it holds anything else, or one of them is not there.
 */
export function givenFiles(item: InputItem, value: unknown): InputFile[] {
	const field = 'Input Binary Field';
	const list: unknown[] = Array.isArray(value) ? value.slice(0, MOST_FILES + 1) : [value];
	const given = list.flatMap((one, at): Array<string | IBinaryData> => {
		if (isGivenFile(one)) return [one];
		if (isBlank(one) && list.length > 1) throw emptyEntry(field, at);
		if (typeof one === 'object' && one !== null && !Array.isArray(one)) {
			throw mustBe(field, 'the name of a binary field, or a file', one);
		}
		return parseNames(field, one);
	});
	if (given.length > MOST_FILES) throw mustBe(field, `a list of at most ${MOST_FILES}`, value);
	return given.map((one) => item.file(one));
}

/** The links in a field: see {@link parseLinks}. @throws Failure also where it holds a file in place of a link. */
export function givenLinks(field: string, value: unknown): string[] {
	if (isGivenFile(Array.isArray(value) ? value.at(0) : value)) {
		throw invalidInput(
			`${field} must be a link, but is a file`,
			'Choose Binary File as the source: the field "Input Binary Field" takes the same expression.',
		);
	}
	return parseLinks(field, value);
}
