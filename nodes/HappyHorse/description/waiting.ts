// How the result gets into the output item.
import type { INodeProperties } from 'n8n-workflow';
import { TASK_HOURS } from '../domain/task';
import { propertyHint } from './builderHints';

const DOWNLOAD = `Whether to put the finished video into the output item as a file; its link alone lasts only about ${TASK_HOURS} hours (an AI agent always gets just the link)`;

/** How the result gets into the output item: fields of all operations. */
export const delivery: INodeProperties[] = [
	{
		displayName: 'Wait for Completion',
		name: 'waitForCompletion',
		type: 'boolean',
		default: true,
		description:
			'Whether to wait until the video is finished, typically 1 to 5 minutes, with 15 seconds at 1080p up to 15; if off, the task ID comes out at once, and the Task operations collect the video later',
		...propertyHint('Leave on: the node waits by itself. Needs no Wait node, no loop and no If'),
		displayOptions: { show: { resource: ['video'] } },
	},
	{
		displayName: 'Download Video',
		name: 'downloadVideo',
		type: 'boolean',
		default: true,
		description: DOWNLOAD,
		displayOptions: { show: { resource: ['video'], waitForCompletion: [true] } },
	},
	{
		displayName: 'Download Video',
		name: 'downloadVideo',
		type: 'boolean',
		default: true,
		description: DOWNLOAD,
		displayOptions: { show: { resource: ['task'], operation: ['get', 'wait'] } },
	},
];
