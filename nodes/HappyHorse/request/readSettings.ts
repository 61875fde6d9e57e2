// The node's own options for one item, checked.
import type { Settings } from '../domain/settings';
import { COVER_FIELD, OPTION_DEFAULTS } from '../domain/settings';
import { mustBe } from './badValue';
import type { InputItem } from './inputItem';
import { isBlank, tidy } from './text';
import { parseText, readBoolean, readNumber } from './values';

/** Where the file goes; not where the cover does, if there is one. @throws Failure */
export function readOutputField(item: InputItem, hasCover: boolean): string {
	const field = 'Put Output File in Field';
	const { binaryPropertyNameOutput: usual } = OPTION_DEFAULTS;
	const name = tidy(parseText(field, item.value('options.binaryPropertyNameOutput') ?? usual));
	// n8n copies an item field by field, and a field called __proto__ gets lost on the way
	if (name === '' || name === '__proto__' || (hasCover && name === COVER_FIELD)) {
		const rule = `the name of a field${hasCover ? ` other than "${COVER_FIELD}", which takes the cover` : ''}`;
		throw mustBe(field, rule, name);
	}
	return name;
}

/** How the file is to be called; undefined where that is left to the node. @throws Failure */
export function readFileName(item: InputItem): string | undefined {
	const name = item.value('options.fileName', true);
	return isBlank(name) ? undefined : tidy(parseText('File Name', name));
}

/** The options that are numbers: what each must be. */
const NUMBERS = {
	pollInterval: ['a number of seconds, at least 1', (n: number) => n >= 1],
	timeout: ['a number of minutes above 0', (n: number) => n > 0],
	maxTasksInFlight: ['a whole number, at least 1', (n: number) => Number.isInteger(n) && n >= 1],
	maxTotalSeconds: ['a number of seconds, 0 for no limit', (n: number) => n >= 0],
	pricePerSecond: ['a number, at least 0', (n: number) => n >= 0],
} as const;

/** Each setting, or its default; files are numbered later. @throws Failure for the first that is not allowed */
export function readSettings(
	item: InputItem,
	resource: 'video' | 'task',
	inTool: boolean,
): Settings {
	const isOn = (name: string) => readBoolean(item, `options.${name}`);
	const numberIn = (name: keyof typeof NUMBERS) => {
		const [rule, holds] = NUMBERS[name];
		return readNumber(item, `options.${name}`, OPTION_DEFAULTS[name], rule, holds);
	};
	const downloadCover = isOn('downloadCover');
	return {
		pollIntervalMs: numberIn('pollInterval') * 1000,
		timeoutMs: numberIn('timeout') * 60_000,
		maxTasksInFlight: numberIn('maxTasksInFlight'),
		maxTotalSeconds: numberIn('maxTotalSeconds') || Infinity,
		pricePerSecond: numberIn('pricePerSecond'),
		includeInput: isOn('includeInputFields') && !inTool,
		wait: resource === 'task' || readBoolean(item, 'waitForCompletion', true),
		download: readBoolean(item, 'downloadVideo', true) && !inTool,
		downloadCover,
		outputField: readOutputField(item, downloadCover),
		fileName: readFileName(item),
		resubmitWhenUnsure: isOn('resubmitWhenUnsure'),
	};
}
