// n8n's real execution engine in this process, for tests, the demo and benchmarks. Runs on n8n-core 2.8 and 2.41.
/* eslint-disable @n8n/community-nodes/no-restricted-globals -- a test tool: it runs in Node, never in n8n */
// First: it prepares the environment that n8n-core reads when it is loaded
import { closeCore, deduplication, setUpCore } from './n8nCore';
import { Container } from '@n8n/di';
import { BinaryDataService, WorkflowExecute } from 'n8n-core';
import type { IBinaryData, ICredentialType, INodeType, IRunExecutionData } from 'n8n-workflow';
import { Workflow } from 'n8n-workflow';
import { additionalData } from './additionalData';
import { PlainCredentials, type CredentialsById } from './credentials';
import type { BinaryMode } from './environment';
import { Execution, type RunOptions, type Running, type Started } from './execution';
import { logged, type LogSink } from './logs';
import { builtIn, NodeTypes, type NodeTypesByName } from './nodeTypes';
import { changedWorkflow, dataForRetry, runOptionsOf, type RetryOptions } from './retry';
import { NODE_TYPE, completeWorkflow, type WorkflowData, type WorkflowSpec } from './workflow';
import { planNode, planTool, type NodeRequest, type ToolRequest } from './subject';
import { processMemory } from '../../nodes/HappyHorse/task/intentNotes';

export { describeNode, type ToolAnswer } from './aiTools';
export type { Credential, CredentialsById } from './credentials';
export { notInitialized, type DeduplicationRow } from './deduplication';
export type { BinaryMode } from './environment';
export { Execution, type RunOptions, type Running } from './execution';
export { speedUp, type FastClock } from './fastClock';
export type { LogLine } from './logs';
export { engineVersion } from './n8nCore';
export { itemsNode, type FileSpec, type ItemSpec } from './nodeTypes';
export type { RetryOptions } from './retry';
export type { NodeRequest, NodeSettings, ToolRequest } from './subject';
export { AGENT, connect, NODE_TYPE, SUBJECT } from './workflow';
export type { Link, NodeSpec, WorkflowSpec } from './workflow';

/** What an engine is made of. */
export interface EngineOptions {
	/** The node under test: registered as {@link NODE_TYPE}, and as a tool if it can be one. */
	node: INodeType;
	/** More node types, beside the stand-ins for n8n's trigger, No Operation and Loop Over Items. */
	nodeTypes?: NodeTypesByName;
	credentialTypes?: ICredentialType[];
	/** Credentials that every run has. */
	credentials?: CredentialsById;
	/** The same for all engines of a process or test file. Default: the environment's, else `filesystem`. */
	binaryMode?: BinaryMode;
	/** n8n's public address, without a slash at the end: signed links to binary data start with it. */
	instanceUrl?: string;
	/** Called with each line that an execution writes to the log. */
	onLog?: LogSink;
}

/** Makes an engine. The first one of a process or test file sets up n8n-core. */
export async function startEngine(options: EngineOptions): Promise<Engine> {
	await setUpCore(options.binaryMode);
	return new Engine(options);
}

/**
 * Runs workflows. A `start…` method returns an execution under way, its twin without `start` waits for the end. All of
 * them throw, as n8n does, when parameters of a node are missing or invalid.
 */
export class Engine {
	private static executions = 0;

	/** n8n's deduplication store: one for all engines of a process or test file. */
	readonly deduplication = deduplication;

	private readonly nodeTypes: NodeTypesByName;

	/** Use {@link startEngine}. */
	constructor(private readonly engine: EngineOptions) {
		this.nodeTypes = { ...builtIn, [NODE_TYPE]: engine.node, ...engine.nodeTypes };
	}

	/** Starts any workflow at its trigger. */
	start(spec: WorkflowSpec, options: RunOptions = {}): Running {
		return this.launch(this.complete(spec, options), options);
	}

	async run(spec: WorkflowSpec, options: RunOptions = {}): Promise<Execution> {
		return await this.start(spec, options).result;
	}

	/** Starts a workflow of a trigger, a node that puts out items, and the node under test. */
	startNode(request: NodeRequest = {}): Running {
		const { workflow, options } = planNode(request);
		return this.start(workflow, options);
	}

	async runNode(request: NodeRequest = {}): Promise<Execution> {
		return await this.startNode(request).result;
	}

	/** Runs a workflow of a trigger, an agent, and the node under test as its tool. Its answers: {@link Execution.answers}. */
	async callTool(request: ToolRequest): Promise<Execution> {
		const { workflow, options } = planTool(request);
		return await this.run(workflow, options);
	}

	/** Starts what "Retry" in the list of executions starts: a new execution, at the node that failed. */
	startRetry(failed: Execution, retry: RetryOptions = {}): Running {
		const options = runOptionsOf(failed, retry);
		const changed = this.changed(failed, retry, options);
		const data = dataForRetry(failed, changed && this.build(changed, options));
		return this.launch(changed ?? failed.workflow, options, data);
	}

	async retry(failed: Execution, retry: RetryOptions = {}): Promise<Execution> {
		return await this.startRetry(failed, retry).result;
	}

	/** The same for an execution whose n8n was killed: none of its data were saved, so it starts at the trigger. */
	startRetryCrashed(crashed: Started, retry: RetryOptions = {}): Running {
		// The process that made it is gone, with all that it knew
		const { notes } = processMemory;
		for (const [name, { owner }] of notes) {
			if (owner.executionId === crashed.id) notes.delete(name);
		}
		const options = runOptionsOf(crashed, retry);
		return this.launch(this.changed(crashed, retry, options) ?? crashed.workflow, options);
	}

	async retryCrashed(crashed: Started, retry: RetryOptions = {}): Promise<Execution> {
		return await this.startRetryCrashed(crashed, retry).result;
	}

	/** The bytes of a file in an item. */
	async readBinary(binaryData: IBinaryData): Promise<Buffer> {
		return await Container.get(BinaryDataService).getAsBuffer(binaryData);
	}

	/** Closes what n8n-core keeps open, for all engines; the process or test file can't end without. */
	close(): void {
		closeCore();
	}

	private knownTypes({ nodeTypes }: RunOptions, onExecute?: (nodeName: string) => void) {
		return new NodeTypes({ ...this.nodeTypes, ...nodeTypes }, onExecute);
	}

	private credentials({ credentials }: RunOptions): CredentialsById {
		return { ...this.engine.credentials, ...credentials };
	}

	private complete(spec: WorkflowSpec, options: RunOptions): WorkflowData {
		const types = this.knownTypes(options);
		const describe = ({ type }: { type: string }) => types.getByName(type).description;
		return completeWorkflow(spec, describe, this.credentials(options));
	}

	/** The workflow as n8n-core wants it: with the defaults of parameters that were left out. */
	private build(data: WorkflowData, options: RunOptions, onExecute?: (nodeName: string) => void) {
		const nodeTypes = this.knownTypes(options, onExecute);
		return new Workflow({ ...structuredClone(data), active: false, nodeTypes });
	}

	private changed(
		before: Started,
		retry: RetryOptions,
		options: RunOptions,
	): WorkflowData | undefined {
		const spec = changedWorkflow(before, retry);
		return spec && this.complete(spec, options);
	}

	/** Starts a complete workflow: at its trigger, or where the data of an earlier execution stand. */
	private launch(
		workflowData: WorkflowData,
		options: RunOptions,
		earlier?: IRunExecutionData,
	): Running {
		Engine.executions += 1;
		const started: Started = {
			id: options.executionId ?? String(Engine.executions),
			workflow: workflowData,
			options,
			logs: [],
			executeCalls: new Map(),
		};
		const { id, logs, executeCalls } = started;
		const workflow = this.build(workflowData, options, (name) => {
			executeCalls.set(name, (executeCalls.get(name) ?? 0) + 1);
		});
		const mode = options.mode ?? 'manual';
		const timeout = (workflowData.settings.executionTimeout ?? 0) * 1000;
		const { instanceUrl = 'https://n8n.example.com', credentialTypes = [] } = this.engine;
		const data = additionalData(started, {
			instanceUrl,
			timeout,
			credentialsHelper: new PlainCredentials(credentialTypes, this.credentials(options)),
		});
		const sink: LogSink = (line) => {
			logs.push(line);
			this.engine.onLog?.(line);
		};
		const pending = logged(id, sink, () =>
			earlier
				? new WorkflowExecute(data, mode, earlier).processRunExecutionData(workflow)
				: new WorkflowExecute(data, mode).run({ workflow }),
		);
		// Listeners of the cancel signal run inside: what they log belongs to this execution
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
}
