// The collection "Options": what few people need to set, for each resource what means something there.
import type { INodeProperties } from 'n8n-workflow';
import { IMINI_LIMITS, IMINI_MODEL } from '../service/imini/limits';
import { MODEL_STUDIO_LIMITS } from '../service/modelStudio/limits';
import { COVER_FIELD, OPTION_DEFAULTS } from '../domain/settings';

const { binaryPropertyNameOutput, maxTasksInFlight, maxTotalSeconds, pollInterval, timeout } =
	OPTION_DEFAULTS;

const coverOption: INodeProperties = {
	displayName: 'Download Cover Image',
	name: 'downloadCover',
	type: 'boolean',
	default: false,
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

const outputFieldOption: INodeProperties = {
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
		'How long to go on trying to order a video, and to wait for it; after that the item fails with the task ID in its error, if there is one, and the Task operations can still collect the video',
};

const tasksInFlightOption: INodeProperties = {
	displayName: 'Videos at Once',
	name: 'maxTasksInFlight',
	type: 'number',
	default: maxTasksInFlight,
	description:
		'How many videos of this run may be under way at once; further items wait their turn, and if items give different numbers, the smallest counts',
};

const spendingLimitOption: INodeProperties = {
	displayName: 'Spending Limit (Seconds)',
	name: 'maxTotalSeconds',
	type: 'number',
	default: maxTotalSeconds,
	hint: '0 means no limit',
	description: `The most seconds of video that one execution may order at this node, loops and tool calls included; past it nothing more is ordered, and an edit counts as ${IMINI_LIMITS.editSeconds}`,
};

const dryRunOption: INodeProperties = {
	displayName: 'Dry Run',
	name: 'dryRun',
	type: 'boolean',
	default: false,
	description:
		'Whether to check everything and order nothing: a short sample video comes out in the form of the real one, so that the nodes behind can be built without paying',
};

const orderAgainOption: INodeProperties = {
	displayName: 'Order Again When Unsure',
	name: 'resubmitWhenUnsure',
	type: 'boolean',
	default: false,
	description:
		'Whether to let a retry order a video again if it is not known whether the first order was accepted, or if its task can no longer be found; the same video may then be paid for twice',
};

const modelOption: INodeProperties = {
	displayName: 'Model ID',
	name: 'model',
	type: 'string',
	default: IMINI_MODEL,
	placeholder: `e.g. ${IMINI_MODEL}`,
	description: 'The ID of the model that is ordered from, for when iMini offers a newer one',
};

const { min: firstSeed, max: lastSeed } = MODEL_STUDIO_LIMITS.seed;

const seedOption: INodeProperties = {
	displayName: 'Seed',
	name: 'seed',
	type: 'number',
	default: 42,
	hint: `${firstSeed} to ${lastSeed}`,
	description:
		'A whole number that makes a video repeatable: the same request with the same seed gives a similar video',
};

const watermarkOption: INodeProperties = {
	displayName: 'Watermark',
	name: 'watermark',
	type: 'boolean',
	default: false,
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
const IMINI = { '/service': ['imini'] };
const MODEL_STUDIO = { '/service': ['modelStudio'] };

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
			shownWhen({ ...IMINI, ...WAITING, ...DOWNLOADING }, coverOption),
			extraParametersOption,
			shownWhen({ ...WAITING, ...DOWNLOADING }, fileNameOption),
			shownWhen(IMINI, modelOption),
			orderAgainOption,
			shownWhen(WAITING, pollIntervalOption),
			shownWhen({ ...WAITING, ...DOWNLOADING }, outputFieldOption),
			shownWhen(MODEL_STUDIO, seedOption),
			timeoutOption,
			tasksInFlightOption,
			shownWhen(MODEL_STUDIO, watermarkOption),
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
			shownWhen({ ...IMINI, ...LOOKING, ...DOWNLOADING }, coverOption),
			shownWhen({ ...LOOKING, ...DOWNLOADING }, fileNameOption),
			shownWhen({ '/operation': ['wait'] }, pollIntervalOption),
			shownWhen({ ...LOOKING, ...DOWNLOADING }, outputFieldOption),
			shownWhen({ '/operation': ['wait'] }, timeoutOption),
			tasksInFlightOption,
		],
		displayOptions: { show: { resource: ['task'] } },
	},
];
