// Everything the editor shows of the node: what to work on, what to do, and the fields of each operation in reading order.
import type { INodeProperties, INodePropertyOptions } from 'n8n-workflow';
import { SERVICES } from '../service';
import { byName, field, notice } from './fields';
import { film } from './film';
import { propertyHint } from './hints';
import { waiting } from './options';
import { task } from './task';
import { video } from './video';
import { modelVersion, videoFormat } from './videoFormat';

const [{ name: usualService }] = SERVICES;

const service = field('Service', 'service', usualService, {
	noDataExpression: true,
	options: SERVICES.map(({ name, label, description }) => ({
		name: label,
		value: name,
		description,
	})).sort(byName),
	description: 'The service that your API key is for',
	displayOptions: { show: { resource: ['video', 'task'] } },
});

const managers = SERVICES.filter(({ offer }) => offer.managesTasks);
const others = SERVICES.filter(({ offer }) => !offer.managesTasks);
const MANAGERS = managers.map(({ label }) => label).join(' or ');
const managed = { show: { '/service': managers.map(({ name }) => name) } };

const resource = field('Resource', 'resource', 'video', {
	noDataExpression: true,
	options: [
		{ name: 'Video', value: 'video', description: 'Generate or edit a video' },
		{ name: 'Task', value: 'task', description: 'Look up a video that was ordered earlier' },
		{
			name: 'Film',
			value: 'film',
			description: 'Join video files into one film, free and without a service',
		},
	],
});

/** The operations of each resource; the first is the usual one. */
const OPERATIONS: Record<string, INodePropertyOptions[]> = {
	video: [
		{
			name: 'Text to Video',
			value: 'textToVideo',
			action: 'Generate a video from text',
			description: 'Generate a video from a description in words',
		},
		{
			name: 'Image to Video',
			value: 'imageToVideo',
			action: 'Generate a video from an image',
			description: 'Generate a video that starts with an image as its first frame',
		},
		{
			name: 'Reference to Video',
			value: 'referenceToVideo',
			action: 'Generate a video from reference images',
			description: 'Generate a video with the people, animals or objects of reference images',
		},
		{
			name: 'Edit Video',
			value: 'editVideo',
			action: 'Edit a video',
			description:
				'Change an existing video as described in words, optionally with reference images',
		},
	],
	task: [
		{
			name: 'Get',
			value: 'get',
			action: 'Get the status and video of a task',
			description: 'Get the current status of a task and, if it has succeeded, its video',
			...propertyHint(
				'For the ID of an order that was not waited for. Not needed after an order: that waits by itself',
			),
		},
		{
			name: 'Get Many',
			value: 'getMany',
			action: `Get many tasks of ${MANAGERS}`,
			description: 'List the tasks that the account has ordered in the last 24 hours',
			displayOptions: managed,
		},
		{
			name: 'Wait',
			value: 'wait',
			action: 'Wait for a task and get its video',
			description: 'Wait until a task is finished, then get its video',
			...propertyHint('For the ID of an earlier order. It waits by itself: no loop, no Wait node'),
		},
		{
			name: 'Cancel',
			value: 'cancel',
			action: `Cancel a task at ${MANAGERS}`,
			description: 'Take a task out of the queue, which works until the service starts on it',
			displayOptions: managed,
		},
	],
	film: [
		{
			name: 'Join Videos',
			value: 'join',
			action: 'Join videos into one film',
			description:
				'Join the video files of all input items, in their order, into one MP4 file, without loss',
			...propertyHint(
				'Takes all input items at once and outputs one: no loop, no Merge and no Aggregate before it',
			),
		},
	],
};

const operations = Object.entries(OPERATIONS).map(([of, options]) =>
	field('Operation', 'operation', options[0].value, {
		noDataExpression: true,
		options,
		displayOptions: { show: { resource: [of] } },
	}),
);

/** Said before anything is spent, and true whatever the option Dry Run is, also by an expression. */
const costNotice = notice(
	'costNotice',
	{ resource: ['video'] },
	'Each item orders one video and costs credits of your account, also when you only test the workflow. With the option Dry Run on, nothing is ordered: everything is checked, and a sample video comes out.',
);

/** Said in place of an operation that the service does not have. */
const managesNoTasksNotice = notice(
	'managesNoTasksNotice',
	{ resource: ['task'], service: others.map(({ name }) => name) },
	`${others.map(({ label }) => label).join(' and ')} can neither list nor cancel tasks: keep their IDs`,
);

/** The parameters of the node. */
export const properties: INodeProperties[] = [
	service,
	...modelVersion,
	resource,
	...operations,
	costNotice,
	managesNoTasksNotice,
	...video,
	...videoFormat,
	...task,
	...film,
	...waiting,
];

const SUBTITLES = {
	textToVideo: 'text to video',
	imageToVideo: 'image to video',
	referenceToVideo: 'reference to video',
	editVideo: 'edit video',
	get: 'get task',
	wait: 'wait for task',
	cancel: 'cancel task',
	getMany: 'get many tasks',
	join: 'join videos',
};

/** What follows it of an order: `$parameter` gives an expression in the options as it is written. */
const DRY_RUN = `[true, 'true'].includes($parameter.options?.dryRun) ? ' (dry run)' : String($parameter.options?.dryRun).startsWith('=') ? ' (dry run: by expression)' : ''`;

/** What stands below the node's name on the canvas: an expression that puts its operation in words, and says if it is dry. */
export const subtitle = `={{ (${JSON.stringify(SUBTITLES)})[$parameter.operation] + ($parameter.resource === 'video' ? (${DRY_RUN}) : '') }}`;
