// An execution of a workflow: how it is started, under way, and over.
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
import type { ToolAnswer } from './aiTools';
import type { CredentialsById } from './credentials';
import type { LogLine } from './logs';
import type { NodeTypesByName } from './nodeTypes';
import { AGENT, SUBJECT } from './workflow';
import type { WorkflowData } from './workflow';

/** How a workflow is run. */
export interface RunOptions {
	/** Default `manual`: a run from the editor. */
	mode?: WorkflowExecuteMode;
	/** Default: the next number. */
	executionId?: string;
	/** In addition to the engine's. */
	credentials?: CredentialsById;
	/** In addition to the engine's. */
	nodeTypes?: NodeTypesByName;
}

/** What is known of an execution from its start on: enough to run it again. */
export interface Started {
	readonly id: string;
	readonly workflow: WorkflowData;
	readonly options: RunOptions;
	/** What it has logged so far. */
	readonly logs: LogLine[];
	/** How often `execute` was called so far, by node name. */
	readonly executeCalls: Map<string, number>;
}

/** An execution under way. */
export interface Running extends Started {
	/** Resolves when the last node has ended, also after {@link cancel}. */
	readonly result: Promise<Execution>;
	/** What n8n's Stop button does. */
	cancel(this: void): void;
}

/** An execution that is over. `nodeName` is the node under test by default. */
export class Execution implements Started {
	readonly id: string;
	readonly workflow: WorkflowData;
	readonly options: RunOptions;
	readonly logs: LogLine[];
	readonly executeCalls: Map<string, number>;
	/** Its data, as n8n would save them. */
	readonly data: IRunExecutionData;
	/** Its status in n8n's list of executions. */
	readonly status: ExecutionStatus;

	constructor(started: Started, run: IRun, canceled: boolean) {
		this.id = started.id;
		this.workflow = started.workflow;
		this.options = started.options;
		this.logs = started.logs;
		this.executeCalls = started.executeCalls;
		this.data = run.data;
		// n8n saves a canceled execution at once, however it ends afterwards
		this.status = canceled ? 'canceled' : run.status;
	}

	/** Why the execution failed. */
	get error(): ExecutionError | undefined {
		return this.data.resultData.error;
	}

	/** The runs of a node: several in a loop or as a tool. */
	runs(nodeName = SUBJECT): ITaskData[] {
		return this.data.resultData.runData[nodeName] ?? [];
	}

	/** The items of one output of a node in its last run. */
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

	/** Hints that the last run shows in the editor. */
	get hints(): NodeExecutionHint[] {
		return this.runs().at(-1)?.hints ?? [];
	}

	/** How often the node was executed, over all runs: more than once with Retry On Fail. */
	get tries(): number {
		return this.executeCalls.get(SUBJECT) ?? 0;
	}

	/** What the agent got back from its calls, in order. */
	get answers(): ToolAnswer[] {
		const context = this.data.executionData?.contextData[`node:${AGENT}`];
		return (context?.answers ?? []) as ToolAnswer[];
	}
}
