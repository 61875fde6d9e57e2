// Step 4: a task, or an order that is not waited for, becomes an output item.
import type { INodeExecutionData } from 'n8n-workflow';
import type { Result } from '../failure';
import { succeeded } from '../failure';
import type { Job } from '../order';
import type { AcceptedTask, VideoTask } from '../videoTask';
import type { DownloadContext } from './download';
import { downloadFiles } from './download';
import { acceptedJson, taskJson } from './item';

/** How the tasks of a run become items of this node; only a task that has succeeded has files. */
export function itemDelivery(run: DownloadContext) {
	return {
		order({ item, mode }: Job, task: AcceptedTask): INodeExecutionData {
			return { json: acceptedJson(mode, task), pairedItem: { item } };
		},

		async task(
			job: Job,
			taskId: string,
			task: VideoTask,
			signal: AbortSignal,
		): Promise<Result<INodeExecutionData>> {
			const { item, mode, settings } = job;
			const json = taskJson(mode, taskId, task);
			const pairedItem = { item };
			if (!settings.download || task.state !== 'succeeded') return succeeded({ json, pairedItem });
			const files = await downloadFiles(run, job, taskId, task, signal);
			return files.ok ? succeeded({ json, binary: files.value, pairedItem }) : files;
		},
	};
}
