// A run of a workflow in the engine: on its way, and over.
import type {
	ExecutionError,
	ExecutionStatus,
	INodeExecutionData,
	IRun,
	IRunExecutionData,
	ITaskData,
	NodeExecutionHint,
	WorkflowExecuteMode,
} from 'n8n-workflow';
import type { CredentialsById } from './credentials';
import type { LogLine } from './logs';
import type { NodeTypesByName } from './nodeTypes';
import type { ToolAnswer } from './tools';
import type { WorkflowData } from './workflow';

/** What the node under test is called in the workflows that the harness makes. */
export const SUBJECT = 'HappyHorse';

/** What the agent is called in the workflows that the harness makes. */
export const AGENT = 'Agent';

/** How a workflow is run. */
export interface RunOptions {
	/** `manual` unless said otherwise: a run from the editor. */
	mode?: WorkflowExecuteMode;
	/** The next number unless said otherwise. */
	executionId?: string;
	/** Added to the engine's. */
	credentials?: CredentialsById;
	/** Added to the engine's. */
	nodeTypes?: NodeTypesByName;
}

/** What is known of an execution from its start: enough to run it again. */
export interface Started {
	readonly id: string;
	readonly workflow: WorkflowData;
	readonly options: RunOptions;
	/** The log, line by line as it is written. */
	readonly logs: LogLine[];
	/** Times that a node was carried out, by its name. */
	readonly carriedOut: Map<string, number>;
}

/** An execution on its way. */
export interface Running extends Started {
	/** Settles when the last node has ended, also after {@link cancel}. */
	readonly result: Promise<Execution>;
	/** What n8n's Stop button does. */
	cancel(this: void): void;
}

/** An execution that is over. Where a node's name can be given, it is the node under test unless said otherwise. */
export class Execution implements Started {
	readonly id: string;
	readonly workflow: WorkflowData;
	readonly options: RunOptions;
	readonly logs: LogLine[];
	readonly carriedOut: Map<string, number>;
	/** The data, as it would be saved. */
	readonly data: IRunExecutionData;
	/** What n8n shows in its list of executions. */
	readonly status: ExecutionStatus;

	constructor(started: Started, run: IRun, canceled: boolean) {
		this.id = started.id;
		this.workflow = started.workflow;
		this.options = started.options;
		this.logs = started.logs;
		this.carriedOut = started.carriedOut;
		this.data = run.data;
		// n8n saves a canceled execution at once, and does not look at how it ended after all
		this.status = canceled ? 'canceled' : run.status;
	}

	/** Why the execution failed. */
	get error(): ExecutionError | undefined {
		return this.data.resultData.error;
	}

	/** The runs of a node: several in a loop, and as a tool. */
	runs(nodeName = SUBJECT): ITaskData[] {
		return this.data.resultData.runData[nodeName] ?? [];
	}

	/** What one output of a node gave in its last run. */
	output(outputIndex = 0, nodeName = SUBJECT): INodeExecutionData[] {
		return this.runs(nodeName).at(-1)?.data?.main?.[outputIndex] ?? [];
	}

	/** Items of the first output. */
	get items(): INodeExecutionData[] {
		return this.output(0);
	}

	/** Items of the error output, with On Error = `continueErrorOutput`. */
	get errorItems(): INodeExecutionData[] {
		return this.output(1);
	}

	/** Hints that the last run left in the editor. */
	get hints(): NodeExecutionHint[] {
		return this.runs().at(-1)?.hints ?? [];
	}

	/** Times that the node was carried out, over all runs. */
	get tries(): number {
		return this.carriedOut.get(SUBJECT) ?? 0;
	}

	/** What the agent got back for its calls, so far as there was an answer. */
	get answers(): ToolAnswer[] {
		const context = this.data.executionData?.contextData[`node:${AGENT}`];
		return (context?.answers ?? []) as ToolAnswer[];
	}
}
