// What n8n's server hands to n8n-core with each execution: its addresses, credentials and hooks.
import { Container } from '@n8n/di';
import { ExecutionLifecycleHooks, ExternalSecretsProxy } from 'n8n-core';
import type { ICredentialsHelper, IWorkflowExecuteAdditionalData } from 'n8n-workflow';
import type { Started } from './execution';

/** What differs from one execution to the next. */
export interface ServerSide {
	/** n8n's public address, without a slash at the end. */
	instanceUrl: string;
	credentialsHelper: ICredentialsHelper;
	/** Ms; 0 for none. */
	timeout: number;
}

async function unavailable(): Promise<never> {
	throw new Error('Not available in this engine');
}

// n8n-core builds URLs from all of them for every parameter that it reads
function addresses(instanceUrl: string) {
	return {
		restApiUrl: `${instanceUrl}/rest`,
		instanceBaseUrl: `${instanceUrl}/`,
		formBaseUrl: `${instanceUrl}/form`,
		formTestBaseUrl: `${instanceUrl}/formTest`,
		formWaitingBaseUrl: `${instanceUrl}/form-waiting`,
		mcpBaseUrl: `${instanceUrl}/mcp`,
		mcpTestBaseUrl: `${instanceUrl}/mcpTest`,
		webhookBaseUrl: `${instanceUrl}/webhook`,
		webhookTestBaseUrl: `${instanceUrl}/webhook-test`,
		webhookWaitingBaseUrl: `${instanceUrl}/webhook-waiting`,
	};
}

/** The additional data of an execution. Sub-workflows and task runners are not available. */
export function additionalData(
	{ id, options, workflow }: Started,
	{ instanceUrl, credentialsHelper, timeout }: ServerSide,
): IWorkflowExecuteAdditionalData {
	const savedWorkflow = {
		...workflow,
		createdAt: new Date(),
		updatedAt: new Date(),
		active: false,
		activeVersionId: null,
		isArchived: false,
	};
	return {
		...addresses(instanceUrl),
		credentialsHelper,
		hooks: new ExecutionLifecycleHooks(options.mode ?? 'manual', id, savedWorkflow),
		externalSecretsProxy: Container.get(ExternalSecretsProxy),
		executionId: id,
		executionTimeoutTimestamp: timeout > 0 ? Date.now() + timeout : undefined,
		currentNodeExecutionIndex: 0,
		userId: 'user',
		variables: {},
		setExecutionStatus() {},
		sendDataToUI() {},
		logAiEvent() {},
		executeWorkflow: unavailable,
		startRunnerTask: unavailable,
		getRunnerStatus: () => ({ available: false }),
		getRunExecutionData: async () => undefined,
	};
}
