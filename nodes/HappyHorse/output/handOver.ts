// Step 4: a task, or an order that is not waited for, becomes an output item.
import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';
import type { Job } from '../request/order';
import type { Service } from '../service/client';
import type { AcceptedTask, Task } from '../service/contract';
import type { HandedOver } from '../task/run';
import { downloadFiles, hasFiles } from './download';
import { acceptedJson, taskJson } from './item';

/** The hand-over of a run: how its tasks become items of this node. */
export function handOver(context: IExecuteFunctions, service: Service) {
	return {
		handOverOrder({ item, operation }: Job, task: AcceptedTask): INodeExecutionData {
			return { json: acceptedJson(operation, task), pairedItem: { item } };
		},

		async handOverTask(
			{ item, operation, settings, secrets }: Job,
			taskId: string,
			task: Task,
			signal: AbortSignal,
		): Promise<HandedOver<INodeExecutionData>> {
			const json = taskJson(operation, taskId, task);
			const pairedItem = { item };
			if (!settings.download || !hasFiles(task))
				return { kind: 'done', value: { json, pairedItem } };
			const files = await downloadFiles(
				{ context, service, signal, secrets, random: Math.random },
				taskId,
				task,
				settings,
			);
			if (files.kind === 'fault') return files;
			return { kind: 'done', value: { json, binary: files.binary, pairedItem } };
		},
	};
}
