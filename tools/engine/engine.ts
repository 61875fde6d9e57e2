// n8n's real execution engine in this process: for tests, the demo and benchmarks. Runs on n8n-core 2.8 and 2.41.
/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals -- a test tool: it runs in Node, never in n8n */
import { setBinaryMode, type BinaryMode } from './environment';
import 'reflect-metadata';
import { createRequire } from 'node:module';
import { Container } from '@n8n/di';
import { parse, stringify } from 'flatted';
import {
	BinaryDataConfig,
	BinaryDataService,
	DataDeduplicationService,
	ErrorReporter,
	ExecutionLifecycleHooks,
	ExternalSecretsProxy,
	InstanceSettings,
	WorkflowExecute,
} from 'n8n-core';
import type {
	IBinaryData,
	ICredentialType,
	IDataObject,
	INode,
	INodeParameters,
	INodeType,
	IRunExecutionData,
	IWorkflowExecuteAdditionalData,
	IWorkflowSettings,
	Logger as NodeLogger,
} from 'n8n-workflow';
import { migrateRunExecutionData, NodeConnectionTypes, Workflow } from 'n8n-workflow';
import { PlainCredentials, type CredentialsById } from './credentials';
import { InMemoryDeduplication } from './deduplication';
import { AGENT, Execution, SUBJECT } from './execution';
import type { RunOptions, Running, Started } from './execution';
import { captureLogs, logged, type LogSink } from './logs';
import { builtIn, itemsNode, NodeTypes } from './nodeTypes';
import type { ItemSpec, NodeTypesByName } from './nodeTypes';
import { completeWorkflow, connect } from './workflow';
import type { NodeSpec, WorkflowData, WorkflowSpec } from './workflow';

export type { BinaryMode } from './environment';
export type { Credential, CredentialsById } from './credentials';
export { notInitialized, type DeduplicationRow } from './deduplication';
export { AGENT, Execution, SUBJECT, type RunOptions, type Running } from './execution';
export type { LogLine } from './logs';
export { itemsNode, type FileSpec, type ItemSpec } from './nodeTypes';
export { speedUp, type FastClock } from './speedUp';
export type { ToolAnswer } from './tools';
export { connect, type Link, type NodeSpec, type WorkflowSpec } from './workflow';

/** The name that workflows know the node under test by. */
export const NODE_TYPE = 'n8n-nodes-happyhorse.happyHorse';

// n8n-core has a copy of n8n's packages to itself, and does not export all that it has
const requireInCore = createRequire(require.resolve('n8n-core'));

const { Logger } = requireInCore('@n8n/backend-common') as { Logger: new () => NodeLogger };
const { SSHClientsManager } = requireInCore('./execution-engine/ssh-clients-manager') as {
	SSHClientsManager: new () => { onShutdown(): void };
};

/** The version of n8n-core. */
export const engineVersion = String(requireInCore('../package.json').version);

/** What an engine is made of. */
export interface EngineOptions {
	/** The node under test: registered as {@link NODE_TYPE}, and as a tool when it can be one. */
	node: INodeType;
	/** More node types, beside the stand-ins for n8n's trigger, No Operation and Loop Over Items. */
	nodeTypes?: NodeTypesByName;
	credentialTypes?: ICredentialType[];
	/** Credentials that every run has. */
	credentials?: CredentialsById;
	/** One for the whole process, or test file: `filesystem` unless the environment says otherwise. */
	binaryMode?: BinaryMode;
	/** n8n's own public address, no slash at its end: signed links of binary data start with it. */
	instanceUrl?: string;
	/** Called with every line that is written to the log. */
	onLog?: LogSink;
}

/** How a node deals with failure, and the like: what the editor has in the node's settings. */
export type NodeSettings = Partial<
	Pick<
		INode,
		'onError' | 'retryOnFail' | 'maxTries' | 'waitBetweenTries' | 'executeOnce' | 'alwaysOutputData'
	>
>;

/** A workflow of a trigger, a node that gives `items`, and the node under test. */
export interface NodeRequest extends RunOptions, NodeSettings {
	parameters?: INodeParameters;
	/** One empty item unless said otherwise. */
	items?: ItemSpec[];
	/** Executions with the same one share n8n's deduplication store. */
	workflowId?: string;
	/** The workflow's; `executionTimeout` in seconds. */
	settings?: IWorkflowSettings;
}

/** A workflow of a trigger, an agent, and the node under test as its tool. */
export interface ToolRequest extends NodeRequest {
	/** What the model passes in each call, for `$fromAI` in the parameters. */
	calls: Array<{ args: IDataObject }>;
	/** Who runs the tool: the agent by itself, or the engine at the agent's request (newer agents). */
	agent: 'invoking' | 'requesting';
	/** Whether the agent makes all calls at once, not one after the other. */
	together?: boolean;
}

/** A retry by hand. */
export interface RetryOptions extends Pick<RunOptions, 'executionId' | 'credentials'> {
	/** "Retry with currently saved workflow": the workflow as it is by now. */
	workflow?: WorkflowSpec;
	/** The same for the usual change: parameters of the node under test, over those it had. */
	parameters?: INodeParameters;
}

/** What comes before the node under test. */
const BEFORE: NodeSpec[] = [
	{ name: 'Start', type: 'n8n-nodes-base.manualTrigger' },
	{ name: 'Items', type: 'test.items' },
];

function takeApart(request: NodeRequest) {
	const { parameters, items = [{ json: {} }], workflowId, settings, ...rest } = request;
	const { mode, executionId, credentials, nodeTypes, ...nodeSettings } = rest;
	const withItems = { 'test.items': itemsNode(items), ...nodeTypes };
	return {
		workflow: { id: workflowId, settings },
		node: { parameters, ...nodeSettings },
		run: { mode, executionId, credentials, nodeTypes: withItems },
	};
}

function retryOptions({ options }: Started, retry: RetryOptions): RunOptions {
	const credentials = { ...options.credentials, ...retry.credentials };
	return { ...options, mode: 'retry', executionId: retry.executionId, credentials };
}

const deduplication = new InMemoryDeduplication();

/** Ids of executions are unique in n8n, too. */
let executions = 0;

let prepared: Promise<void> | undefined;

async function prepare(): Promise<void> {
	captureLogs(Container.get(Logger));
	Container.get(ErrorReporter).error = () => {};
	Container.get(InstanceSettings);
	await Container.get(BinaryDataService).init();
	await DataDeduplicationService.init(deduplication);
}

/** Sets up n8n-core, which happens once in a process or test file, and makes an engine. */
export async function startEngine(options: EngineOptions): Promise<Engine> {
	const { binaryMode } = options;
	if (binaryMode && !prepared) setBinaryMode(binaryMode);
	await (prepared ??= prepare());
	const mode = Container.get(BinaryDataConfig).mode;
	if (binaryMode && binaryMode !== mode) throw new Error(`The binary mode is "${mode}" by now`);
	return new Engine(options);
}

/** Runs workflows. Each method that starts one has a twin that waits for the result. */
export class Engine {
	/** n8n's deduplication store; one for all engines of a process or test file. */
	readonly deduplication = deduplication;

	private readonly nodeTypes: NodeTypesByName;

	constructor(private readonly engine: EngineOptions) {
		this.nodeTypes = { ...builtIn, [NODE_TYPE]: engine.node, ...engine.nodeTypes };
	}

	/** Starts a workflow at its trigger. Throws, as n8n does, when a node's parameters are not in order. */
	start(spec: WorkflowSpec, options: RunOptions = {}): Running {
		return this.launch(this.complete(spec, options), options);
	}

	async run(spec: WorkflowSpec, options: RunOptions = {}): Promise<Execution> {
		return await this.start(spec, options).result;
	}

	startNode(request: NodeRequest = {}): Running {
		const { workflow, node, run } = takeApart(request);
		const nodes: NodeSpec[] = [...BEFORE, { name: SUBJECT, type: NODE_TYPE, ...node }];
		const connections = connect(nodes.map(({ name }) => name));
		return this.start({ ...workflow, nodes, connections }, run);
	}

	async runNode(request: NodeRequest = {}): Promise<Execution> {
		return await this.startNode(request).result;
	}

	startTool(request: ToolRequest): Running {
		const { calls, agent, together = false, ...rest } = request;
		const { workflow, node, run } = takeApart(rest);
		const planned = { calls: JSON.stringify(calls.map(({ args }) => args)), together };
		const nodes: NodeSpec[] = [
			...BEFORE,
			{ name: AGENT, type: `test.${agent}Agent`, parameters: planned },
			{ name: SUBJECT, type: `${NODE_TYPE}Tool`, ...node },
		];
		const tool = { from: SUBJECT, to: AGENT, type: NodeConnectionTypes.AiTool };
		const connections = connect(['Start', 'Items', AGENT], tool);
		return this.start({ ...workflow, nodes, connections }, run);
	}

	/** The answers that the agent got are in the execution's {@link Execution.answers}. */
	async callTool(request: ToolRequest): Promise<Execution> {
		return await this.startTool(request).result;
	}

	/**
	 * What `POST /rest/executions/:id/retry` does (n8n 2.8, execution.service.js): the failed execution's data, as they
	 * come back from the database, go on in a new execution at the node that failed.
	 */
	startRetry(failed: Execution, options: RetryOptions = {}): Running {
		if (failed.status !== 'error') throw new Error(`n8n offers no retry of one ${failed.status}`);
		const data = migrateRunExecutionData(parse(stringify(failed.data)) as IRunExecutionData);
		const { lastNodeExecuted, runData } = data.resultData;
		if (lastNodeExecuted) {
			delete data.resultData.error;
			const runs = runData[lastNodeExecuted];
			if (runs.at(-1)?.error !== undefined) runs.pop();
		}
		const run = retryOptions(failed, options);
		const changed = this.changed(failed, options, run);
		if (changed) {
			const workflow = this.build(changed, run);
			for (const entry of data.executionData?.nodeExecutionStack ?? []) {
				const node = workflow.getNode(entry.node.name);
				if (!node) throw new Error(`Could not find the node "${entry.node.name}" in workflow.`);
				entry.node = node;
			}
		}
		return this.launch(changed ?? failed.workflow, run, data);
	}

	async retry(failed: Execution, options: RetryOptions = {}): Promise<Execution> {
		return await this.startRetry(failed, options).result;
	}

	/** The retry of an execution whose n8n was killed: nothing but the start was saved. */
	startRetryCrashed(crashed: Started, options: RetryOptions = {}): Running {
		const run = retryOptions(crashed, options);
		return this.launch(this.changed(crashed, options, run) ?? crashed.workflow, run);
	}

	async retryCrashed(crashed: Started, options: RetryOptions = {}): Promise<Execution> {
		return await this.startRetryCrashed(crashed, options).result;
	}

	/** The bytes of a file in an item. */
	async readBinary(binaryData: IBinaryData): Promise<Buffer> {
		return await Container.get(BinaryDataService).getAsBuffer(binaryData);
	}

	/** Stops the timer that would keep the process alive: the last thing that is done with any engine. */
	close(): void {
		Container.get(SSHClientsManager).onShutdown();
	}

	private knownTypes(options: RunOptions, onTry: (nodeName: string) => void = () => {}) {
		return new NodeTypes({ ...this.nodeTypes, ...options.nodeTypes }, onTry);
	}

	private complete(spec: WorkflowSpec, options: RunOptions): WorkflowData {
		const types = this.knownTypes(options);
		const credentials = { ...this.engine.credentials, ...options.credentials };
		return completeWorkflow(spec, ({ type }) => types.getByName(type).description, credentials);
	}

	/** The workflow as the engine wants it: the nodes' parameters get their defaults. */
	private build(workflow: WorkflowData, options: RunOptions, onTry?: (nodeName: string) => void) {
		const nodeTypes = this.knownTypes(options, onTry);
		return new Workflow({ ...structuredClone(workflow), active: false, nodeTypes });
	}

	private changed(
		{ workflow }: Started,
		options: RetryOptions,
		run: RunOptions,
	): WorkflowData | undefined {
		if (!options.workflow && !options.parameters) return undefined;
		const spec = options.workflow ?? workflow;
		const nodes = spec.nodes.map((node) =>
			node.name === SUBJECT
				? { ...node, parameters: { ...node.parameters, ...options.parameters } }
				: node,
		);
		return this.complete({ ...spec, id: workflow.id, nodes }, run);
	}

	private launch(
		workflowData: WorkflowData,
		options: RunOptions,
		carried?: IRunExecutionData,
	): Running {
		executions += 1;
		const started: Started = {
			id: options.executionId ?? String(executions),
			workflow: workflowData,
			options,
			logs: [],
			carriedOut: new Map(),
		};
		const { id, logs, carriedOut } = started;
		const sink: LogSink = (line) => {
			logs.push(line);
			this.engine.onLog?.(line);
		};
		const workflow = this.build(workflowData, options, (name) => {
			carriedOut.set(name, (carriedOut.get(name) ?? 0) + 1);
		});
		const mode = options.mode ?? 'manual';
		const timeout = (workflowData.settings.executionTimeout ?? 0) * 1000;
		const additionalData = this.additionalData(started, timeout);
		const pending = logged(id, sink, () =>
			carried
				? new WorkflowExecute(additionalData, mode, carried).processRunExecutionData(workflow)
				: new WorkflowExecute(additionalData, mode).run({ workflow }),
		);
		// Listeners of the cancel signal run here, and what they log is the execution's
		const cancel = () => logged(id, sink, () => pending.cancel());
		const timer = timeout > 0 ? setTimeout(cancel, timeout) : undefined;
		const finish = async () => {
			try {
				const run = await pending;
				return new Execution(started, run, pending.isCanceled);
			} finally {
				clearTimeout(timer);
			}
		};
		return { ...started, result: finish(), cancel };
	}

	private additionalData(
		{ id, options, workflow }: Started,
		timeout: number,
	): IWorkflowExecuteAdditionalData {
		const { instanceUrl = 'https://n8n.example.com', credentialTypes = [] } = this.engine;
		const dates = { createdAt: new Date(), updatedAt: new Date() };
		const saved = {
			...workflow,
			...dates,
			active: false,
			activeVersionId: null,
			isArchived: false,
		};
		const unavailable = async () => {
			throw new Error('Not available in this engine');
		};
		// n8n-core builds URLs from them for every parameter that it reads
		const urls = Object.fromEntries(
			['form', 'formWaiting', 'formTest', 'mcp', 'mcpTest'].map((name) => [
				`${name}BaseUrl`,
				`${instanceUrl}/${name}`,
			]),
		);
		return {
			...urls,
			restApiUrl: `${instanceUrl}/rest`,
			instanceBaseUrl: `${instanceUrl}/`,
			formWaitingBaseUrl: `${instanceUrl}/form-waiting`,
			webhookBaseUrl: `${instanceUrl}/webhook`,
			webhookWaitingBaseUrl: `${instanceUrl}/webhook-waiting`,
			webhookTestBaseUrl: `${instanceUrl}/webhook-test`,
			credentialsHelper: new PlainCredentials(credentialTypes, {
				...this.engine.credentials,
				...options.credentials,
			}),
			hooks: new ExecutionLifecycleHooks(options.mode ?? 'manual', id, saved),
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
}
