// What becomes of a video, and the collection "Options": what few people need to set, each where it means something.
import type { INodeProperties } from 'n8n-workflow';
import { COVER_FIELD, OPTION_DEFAULTS as PRESETS } from '../domain/settings';
import { TASK_HOURS } from '../domain/task';
import { field, shownWhen } from './fields';
import { propertyHint } from './hints';
import { forEachService, limit, servicesThat } from './services';

const downloadVideo = field('Download Video', 'downloadVideo', true, {
	description: `Whether to put the finished video into the output item as a file; its link alone lasts only about ${TASK_HOURS} hours (an AI agent always gets just the link)`,
});

// Whoever adds the option wants it
const downloadCover = field('Download Cover Image', 'downloadCover', true, {
	description: `Whether to download the cover image too, into the binary field ${COVER_FIELD}`,
});

const fileName = field('File Name', 'fileName', '', {
	placeholder: 'e.g. trailer.mp4',
	description:
		'Name of the downloaded video file; if left empty, the task ID followed by .mp4, and if several items have the same name, _2, _3 and so on are added',
});

const { binaryPropertyNameOutput: preset } = PRESETS;

/** Put Output File in Field. */
export const outputField = field('Put Output File in Field', 'binaryPropertyNameOutput', preset, {
	placeholder: `e.g. ${preset}`,
	hint: 'The name of the output binary field to put the file in',
});

const pollInterval = field('Poll Interval (Seconds)', 'pollInterval', PRESETS.pollInterval, {
	hint: '1 second or more',
	description: 'How long to wait, at least, before asking about the same task again',
});

const timeout = field('Timeout (Minutes)', 'timeout', PRESETS.timeout, {
	description:
		'How long to wait for a video before the item fails; Task → Wait can still collect it later',
});

const tasksInFlight = field('Videos at Once', 'maxTasksInFlight', PRESETS.maxTasksInFlight, {
	description:
		'How many videos of this run may be in progress at once; further items wait their turn, and if items give different numbers, the smallest counts',
});

const price = field('Price per Second', 'pricePerSecond', PRESETS.pricePerSecond, {
	placeholder: 'e.g. 0.14',
	description:
		'What a second of video costs you, in any currency: the output then has estimated_cost',
});

const includeInput = field('Include Input Fields', 'includeInputFields', false, {
	description:
		'Whether to add the fields of the input item to the output, except for names that this node uses itself',
});

const EDIT_COUNT = limit(({ editSeconds, billsEditSource }) =>
	billsEditSource
		? `twice its length, or ${2 * editSeconds} where that is not known`
		: String(editSeconds),
);

/** What limits the cost. */
const savings = [
	field('Dry Run', 'dryRun', false, {
		description:
			'Whether to check everything and order nothing: a small sample video comes out in the form of the real one, so that the rest of the workflow can be built without paying',
		...propertyHint('Set to true while building and testing: a video costs money'),
	}),
	field('Spending Limit (Seconds)', 'maxTotalSeconds', PRESETS.maxTotalSeconds, {
		hint: '0 means no limit',
		description: `The most seconds of video that one execution may order with this node, loops and tool calls included; beyond that nothing more is ordered, and an edit counts as ${EDIT_COUNT}`,
	}),
];

/** What is sent with an order, or changes how one is made. */
const ordering: INodeProperties[] = [
	field('Extra Parameters', 'extraParameters', '{}', {
		type: 'json',
		description:
			'A JSON object of parameters that the service takes and this form does not show; they are sent as they are',
	}),
	...forEachService(
		({ modelId }) => modelId,
		(model, { name, label }) =>
			field('Model ID', 'model', model, {
				placeholder: `e.g. ${model}`,
				description: `The ID of the model to use, for when ${label} offers a newer one`,
				displayOptions: { show: { '/service': [name] } },
			}),
	),
	field('Order Again When Unsure', 'resubmitWhenUnsure', false, {
		description:
			'Whether to let a retry order a video again if it is not known whether the first order was accepted, or if its task can no longer be found; the same video may then be paid for twice',
	}),
	...forEachService(
		({ seed }) => seed,
		({ min, max }, { name }) =>
			field('Seed', 'seed', '', {
				type: 'number',
				hint: `${min} to ${max}`,
				description:
					'A whole number that makes a video repeatable: the same request with the same seed gives a similar video',
				displayOptions: { show: { '/service': [name] } },
			}),
	),
	...shownWhen({ '/service': servicesThat(({ limits }) => limits.hasWatermark) }, [
		field('Watermark', 'watermark', true, {
			description: 'Whether to put the words Happy Horse into a corner of the video',
		}),
	]),
];

/** The collection "Options": after the `first` ones, in the order of their labels. */
export function optionsField(
	others: readonly INodeProperties[],
	first: readonly INodeProperties[] = [],
): INodeProperties {
	const sorted = [...others].sort((a, b) => (a.displayName < b.displayName ? -1 : 1));
	const options = [...first, ...sorted];
	return field(
		'Options',
		'options',
		{},
		{ type: 'collection', placeholder: 'Add Option', options },
	);
}

/** Options of the files that a run stores; `show`: where it stores any. */
function storing(show: Record<string, Array<string | boolean>>): INodeProperties[] {
	// Where a service makes no covers, an option that is left over is not read
	const covers = { '/service': servicesThat(({ describesVideos }) => describesVideos) };
	return [
		...shownWhen({ ...covers, ...show }, [downloadCover]),
		...shownWhen(show, [fileName, outputField]),
	];
}

/** What becomes of a video, of an order or of a task that is looked up; and the options of both. */
export const waiting: INodeProperties[] = [
	...shownWhen({ resource: ['video'] }, [
		field('Wait for Completion', 'waitForCompletion', true, {
			description:
				'Whether to wait until the video is finished: typically 1 to 5 minutes, up to 15 for 15 seconds at 1080p; if off, the task ID comes out at once, and a Task operation collects the video later',
			...propertyHint('Leave on: the node waits by itself. Needs no Wait node, no loop and no If'),
		}),
		...shownWhen({ waitForCompletion: [true] }, [downloadVideo]),
		optionsField(
			[
				...storing({ '/waitForCompletion': [true], '/downloadVideo': [true] }),
				...shownWhen({ '/waitForCompletion': [true] }, [pollInterval]),
				...ordering,
				includeInput,
				price,
				timeout,
				tasksInFlight,
			],
			savings,
		),
	]),
	...shownWhen({ resource: ['task'], operation: ['get', 'wait'] }, [downloadVideo]),
	...shownWhen({ resource: ['task'], operation: ['get', 'wait', 'cancel'] }, [
		optionsField([
			...storing({ '/operation': ['get', 'wait'], '/downloadVideo': [true] }),
			...shownWhen({ '/operation': ['wait'] }, [pollInterval, timeout]),
			// A service that does not describe its videos tells what it bills
			...shownWhen(
				{
					'/service': servicesThat(({ describesVideos }) => !describesVideos),
					'/operation': ['get', 'wait'],
				},
				[price],
			),
			includeInput,
			tasksInFlight,
		]),
	]),
];
