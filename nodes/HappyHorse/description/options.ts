// The collection "Options": what few people need to set, for each resource what means something there.
import type { INodeProperties } from 'n8n-workflow';
import type { Limits, Range } from '../domain/limits';
import { COVER_FIELD, OPTION_DEFAULTS } from '../domain/settings';
import { propertyHint } from './builderHints';
import { forEachService, limit, servicesThat } from './services';

const {
	binaryPropertyNameOutput,
	maxTasksInFlight,
	maxTotalSeconds,
	pollInterval,
	pricePerSecond,
	timeout,
} = OPTION_DEFAULTS;

const coverOption: INodeProperties = {
	displayName: 'Download Cover Image',
	name: 'downloadCover',
	type: 'boolean',
	// Whoever adds the option wants it
	default: true,
	description: `Whether to download the cover image too, into the binary field ${COVER_FIELD}`,
};

const fileNameOption: INodeProperties = {
	displayName: 'File Name',
	name: 'fileName',
	type: 'string',
	default: '',
	placeholder: 'e.g. trailer.mp4',
	description:
		'Name of the downloaded video file; if left empty, the task ID followed by .mp4, and if several items have the same, _2, _3 and so on are added',
};

/** Put Output File in Field. */
export const outputFieldOption: INodeProperties = {
	displayName: 'Put Output File in Field',
	name: 'binaryPropertyNameOutput',
	type: 'string',
	default: binaryPropertyNameOutput,
	placeholder: `e.g. ${binaryPropertyNameOutput}`,
	hint: 'The name of the output binary field to put the file in',
};

const pollIntervalOption: INodeProperties = {
	displayName: 'Poll Interval (Seconds)',
	name: 'pollInterval',
	type: 'number',
	default: pollInterval,
	hint: '1 second or more',
	description: 'How long to wait, at least, before asking about the same task again',
};

const timeoutOption: INodeProperties = {
	displayName: 'Timeout (Minutes)',
	name: 'timeout',
	type: 'number',
	default: timeout,
	description:
		'How long to wait for a video until the item fails; Task → Wait can still collect it then',
};

const tasksInFlightOption: INodeProperties = {
	displayName: 'Videos at Once',
	name: 'maxTasksInFlight',
	type: 'number',
	default: maxTasksInFlight,
	description:
		'How many videos of this run may be under way at once; further items wait their turn, and if items give different numbers, the smallest counts',
};

function editCount({ editSeconds, billsEditSource }: Limits): string {
	return billsEditSource
		? `twice its length, or ${2 * editSeconds} where that is not known`
		: String(editSeconds);
}

const spendingLimitOption: INodeProperties = {
	displayName: 'Spending Limit (Seconds)',
	name: 'maxTotalSeconds',
	type: 'number',
	default: maxTotalSeconds,
	hint: '0 means no limit',
	description: `The most seconds of video that one execution may order at this node, loops and tool calls included; past it nothing more is ordered, and an edit counts as ${limit(editCount)}`,
};

const dryRunOption: INodeProperties = {
	displayName: 'Dry Run',
	name: 'dryRun',
	type: 'boolean',
	default: false,
	...propertyHint('Set to true while building and testing: a video costs money'),
	description:
		'Whether to check everything and order nothing: a small sample video comes out in the form of the real one, so that the nodes behind can be built without paying',
};

const orderAgainOption: INodeProperties = {
	displayName: 'Order Again When Unsure',
	name: 'resubmitWhenUnsure',
	type: 'boolean',
	default: false,
	description:
		'Whether to let a retry order a video again if it is not known whether the first order was accepted, or if its task can no longer be found; the same video may then be paid for twice',
};

const includeInputOption: INodeProperties = {
	displayName: 'Include Input Fields',
	name: 'includeInputFields',
	type: 'boolean',
	default: false,
	description:
		'Whether to put the fields of the input item beside those of the video, but for names that this node uses itself',
};

const priceOption: INodeProperties = {
	displayName: 'Price per Second',
	name: 'pricePerSecond',
	type: 'number',
	default: pricePerSecond,
	placeholder: 'e.g. 0.14',
	description:
		'What a second of video costs by your own price list, in any currency: the output then has estimated_cost',
};

/** Model ID, of a service where it can be set. */
function modelOption(service: string, label: string, model: string): INodeProperties {
	return shownWhen(
		{ '/service': [service] },
		{
			displayName: 'Model ID',
			name: 'model',
			type: 'string',
			default: model,
			placeholder: `e.g. ${model}`,
			description: `The ID of the model that is ordered from, for when ${label} offers a newer one`,
		},
	);
}

/** Seed, of a service that takes one. */
function seedOption(service: string, { min, max }: Range): INodeProperties {
	return shownWhen(
		{ '/service': [service] },
		{
			displayName: 'Seed',
			name: 'seed',
			type: 'number',
			default: '',
			hint: `${min} to ${max}`,
			description:
				'A whole number that makes a video repeatable: the same request with the same seed gives a similar video',
		},
	);
}

const watermarkOption: INodeProperties = {
	displayName: 'Watermark',
	name: 'watermark',
	type: 'boolean',
	default: true,
	description: 'Whether to put the words Happy Horse into a corner of the video',
};

const extraParametersOption: INodeProperties = {
	displayName: 'Extra Parameters',
	name: 'extraParameters',
	type: 'json',
	default: '{}',
	description:
		'A JSON object of parameters that the service takes and this form does not show; they are sent as they are',
};

/** `property`, shown only while the fields of the node named in `show` have one of the values there. */
function shownWhen(
	show: Record<string, boolean[] | string[]>,
	property: INodeProperties,
): INodeProperties {
	return { ...property, displayOptions: { show } };
}

const WAITING = { '/waitForCompletion': [true] };
const DOWNLOADING = { '/downloadVideo': [true] };
const LOOKING = { '/operation': ['get', 'wait'] };
// Where a service has no such thing, an option that is left over is not read
const COVERS = { '/service': servicesThat(({ describesVideos }) => describesVideos) };
// The other tells no pixels, but what it bills
const BILLS = { '/service': servicesThat(({ describesVideos }) => !describesVideos) };
const WATERMARKS = { '/service': servicesThat(({ limits }) => limits.hasWatermark) };

/** The collection "Options", for Video and for Task. */
export const options: INodeProperties[] = [
	{
		displayName: 'Options',
		name: 'options',
		type: 'collection',
		placeholder: 'Add Option',
		default: {},
		// What limits the cost comes first; the others in the order of their labels
		options: [
			dryRunOption,
			spendingLimitOption,
			shownWhen({ ...COVERS, ...WAITING, ...DOWNLOADING }, coverOption),
			extraParametersOption,
			shownWhen({ ...WAITING, ...DOWNLOADING }, fileNameOption),
			includeInputOption,
			...forEachService(
				({ modelId }) => modelId,
				(modelId, { name, label }) => modelOption(name, label, modelId),
			),
			orderAgainOption,
			shownWhen(WAITING, pollIntervalOption),
			priceOption,
			shownWhen({ ...WAITING, ...DOWNLOADING }, outputFieldOption),
			...forEachService(
				({ seed }) => seed,
				(seed, { name }) => seedOption(name, seed),
			),
			timeoutOption,
			tasksInFlightOption,
			shownWhen(WATERMARKS, watermarkOption),
		],
		displayOptions: { show: { resource: ['video'] } },
	},
	{
		displayName: 'Options',
		name: 'options',
		type: 'collection',
		placeholder: 'Add Option',
		default: {},
		options: [
			shownWhen({ ...COVERS, ...LOOKING, ...DOWNLOADING }, coverOption),
			shownWhen({ ...LOOKING, ...DOWNLOADING }, fileNameOption),
			includeInputOption,
			shownWhen({ '/operation': ['wait'] }, pollIntervalOption),
			shownWhen({ ...BILLS, ...LOOKING }, priceOption),
			shownWhen({ ...LOOKING, ...DOWNLOADING }, outputFieldOption),
			shownWhen({ '/operation': ['wait'] }, timeoutOption),
			tasksInFlightOption,
		],
		displayOptions: { show: { resource: ['task'], operation: ['get', 'wait', 'cancel'] } },
	},
];
