// The node's own options for one item, checked.
import type { Settings } from '../domain/settings';
import { COVER_FIELD, OPTION_DEFAULTS, OPTION_MINIMUMS } from '../domain/settings';
import { mustBe } from './badValue';
import type { InputItem } from './inputItem';
import { isBlank, tidy } from './text';
import { parseBoolean, parseNumber, parseText } from './values';

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

/**
 * Each setting, or its default where it is not set. `number`: which of several items it is, from 1; undefined for the only
 * one. @throws Failure for the first that is not allowed.
 */
export function readSettings(
	item: InputItem,
	resource: 'video' | 'task',
	{ inTool, number }: { readonly inTool: boolean; readonly number: number | undefined },
): Settings {
	const given = (name: string): unknown => item.value(`options.${name}`);
	const option = (name: keyof typeof OPTION_DEFAULTS) => given(name) ?? OPTION_DEFAULTS[name];
	const atLeast = (name: keyof typeof OPTION_MINIMUMS) => (n: number) => n >= OPTION_MINIMUMS[name];

	const pollSeconds = parseNumber(
		'Poll Interval (Seconds)',
		option('pollInterval'),
		`a number of seconds, at least ${OPTION_MINIMUMS.pollInterval}`,
		atLeast('pollInterval'),
	);
	const minutes = parseNumber(
		'Timeout (Minutes)',
		option('timeout'),
		'a number of minutes above 0',
		(n) => n > 0,
	);
	const maxTasksInFlight = parseNumber(
		'Videos at Once',
		option('maxTasksInFlight'),
		`a whole number, at least ${OPTION_MINIMUMS.maxTasksInFlight}`,
		(n) => Number.isInteger(n) && atLeast('maxTasksInFlight')(n),
	);
	const totalSeconds = parseNumber(
		'Spending Limit (Seconds)',
		option('maxTotalSeconds'),
		'a number of seconds, 0 for no limit',
		atLeast('maxTotalSeconds'),
	);
	const pricePerSecond = parseNumber(
		'Price per Second',
		option('pricePerSecond'),
		'a number, at least 0',
		atLeast('pricePerSecond'),
	);
	const includeInput = parseBoolean('Include Input Fields', given('includeInputFields') ?? false);
	const downloadCover = parseBoolean('Download Cover Image', given('downloadCover') ?? false);
	const waits = () => parseBoolean('Wait for Completion', item.value('waitForCompletion') ?? true);
	return {
		wait: resource === 'task' || waits(),
		download: parseBoolean('Download Video', item.value('downloadVideo') ?? true) && !inTool,
		downloadCover,
		outputField: readOutputField(item, downloadCover),
		fileName: readFileName(item),
		fileNumber: item.isExpression('options.fileName') ? undefined : number,
		pollIntervalMs: pollSeconds * 1000,
		timeoutMs: minutes * 60_000,
		maxTasksInFlight,
		maxTotalSeconds: totalSeconds === 0 ? Infinity : totalSeconds,
		includeInput: includeInput && !inTool,
		pricePerSecond,
		resubmitWhenUnsure: parseBoolean(
			'Order Again When Unsure',
			given('resubmitWhenUnsure') ?? false,
		),
	};
}

/** Whether an item has Dry Run on. @throws Failure for anything that is neither true nor false. */
export function readDryRun(item: InputItem): boolean {
	return parseBoolean('Dry Run', item.value('options.dryRun') ?? false);
}
