// Step 4: a task, or an order that is not waited for, becomes an output item.
import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';
import { succeeded } from '../failure';
import type { Delivery } from '../delivery';
import { downloadFiles } from './download';
import { acceptedJson, taskJson } from './item';

/** How the tasks of a run become items of this node; only a task that has succeeded has files. */
export function itemDelivery(context: IExecuteFunctions): Delivery<INodeExecutionData> {
	return {
		order(job, task, orderedSeconds) {
			return { json: acceptedJson(job, task, orderedSeconds), pairedItem: { item: job.item } };
		},

		async task(job, { taskId, task, orderedSeconds }, access) {
			const { item, settings } = job;
			const asked = job.action.kind === 'cancel' ? { canceled: task.state === 'canceled' } : {};
			const json = { ...taskJson(job, taskId, task, orderedSeconds), ...asked };
			const pairedItem = { item };
			if (!settings.download || task.state !== 'succeeded') return succeeded({ json, pairedItem });
			const files = await downloadFiles(context, job, taskId, task, access);
			return files.ok ? succeeded({ json, binary: files.value, pairedItem }) : files;
		},
	};
}
