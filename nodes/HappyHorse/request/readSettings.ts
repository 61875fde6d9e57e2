// The node's own options for one item, checked.
import type { Settings } from '../domain/settings';
import { COVER_FIELD, OPTION_DEFAULTS } from '../domain/settings';
import { mustBe } from './badValue';
import type { InputItem } from './inputItem';
import { isBlank, tidy } from './text';
import { parseText, readBoolean, readNumber } from './values';

/** n8n copies an item field by field, and a field of this name gets lost on the way. */
const LOST_FIELD = '__proto__';

/** Where the file goes; not where the cover does, if there is one. @throws Failure */
export function readOutputField(item: InputItem, hasCover: boolean): string {
	const field = 'Put Output File in Field';
	const { binaryPropertyNameOutput: usual } = OPTION_DEFAULTS;
	const name = tidy(parseText(field, item.value('options.binaryPropertyNameOutput') ?? usual));
	if (name === '' || name === LOST_FIELD || (hasCover && name === COVER_FIELD)) {
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

/** Each setting, or its default where it is not set; the file of an item is numbered later. @throws Failure for the first that is not allowed */
export function readSettings(
	item: InputItem,
	resource: 'video' | 'task',
	inTool: boolean,
): Settings {
	const isOn = (name: string) => readBoolean(item, `options.${name}`);
	const number = (
		name: Exclude<keyof typeof OPTION_DEFAULTS, 'binaryPropertyNameOutput'>,
		rule: string,
		holds: (n: number) => boolean,
	) => readNumber(item, `options.${name}`, OPTION_DEFAULTS[name], rule, holds);

	const pollSeconds = number('pollInterval', 'a number of seconds, at least 1', (n) => n >= 1);
	const minutes = number('timeout', 'a number of minutes above 0', (n) => n > 0);
	const isCount = (n: number) => Number.isInteger(n) && n >= 1;
	const maxTasksInFlight = number('maxTasksInFlight', 'a whole number, at least 1', isCount);
	const isAmount = (n: number) => n >= 0;
	const totalSeconds = number('maxTotalSeconds', 'a number of seconds, 0 for no limit', isAmount);
	const pricePerSecond = number('pricePerSecond', 'a number, at least 0', isAmount);
	const includeInput = isOn('includeInputFields');
	const downloadCover = isOn('downloadCover');
	return {
		wait: resource === 'task' || readBoolean(item, 'waitForCompletion', true),
		download: readBoolean(item, 'downloadVideo', true) && !inTool,
		downloadCover,
		outputField: readOutputField(item, downloadCover),
		fileName: readFileName(item),
		pollIntervalMs: pollSeconds * 1000,
		timeoutMs: minutes * 60_000,
		maxTasksInFlight,
		maxTotalSeconds: totalSeconds === 0 ? Infinity : totalSeconds,
		includeInput: includeInput && !inTool,
		pricePerSecond,
		resubmitWhenUnsure: isOn('resubmitWhenUnsure'),
	};
}
