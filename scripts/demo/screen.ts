// Progress of the demo: one line that is redrawn on a terminal, a line per change anywhere else.
/* eslint-disable @n8n/community-nodes/no-restricted-globals -- a script: it runs in Node, never in n8n */
import type { NodeEvent } from './watchedNode';

/** Ms between two redraws of the line. */
const FRAME_MS = 120;
/** Ms without a change after which a plain line says that the step still runs. */
const STILL_MS = 15_000;
const SPINNER = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];

/** Columns for the name of a step. */
const NAME_WIDTH = 20;

/** E.g. "4.2 s". */
export function seconds(ms: number): string {
	return `${(ms / 1000).toFixed(1)} s`;
}

/** The state of the running step. Times in ms since 1970. */
interface StepState {
	readonly startedAt: number;
	taskId: string | undefined;
	status: string;
}

export class Screen {
	private step: { name: string; state: StepState } | undefined;
	private frame = 0;
	private timer: NodeJS.Timeout | undefined;
	private readonly isTerminal = process.stdout.isTTY === true;

	/** Writes a line that stays. */
	print(line = ''): void {
		this.wipe();
		process.stdout.write(`${line}\n`);
		this.draw();
	}

	/** Shows what the node has just done. */
	readonly show = (event: NodeEvent): void => {
		if (event.kind === 'started') {
			const state = { startedAt: Date.now(), taskId: undefined, status: 'sending the order' };
			this.step = { name: event.step, state };
			this.timer = this.isTerminal
				? setInterval(() => this.draw(), FRAME_MS)
				: setInterval(() => this.print(this.line(`still ${state.status}`)), STILL_MS);
			return;
		}
		if (this.step === undefined) return;
		const { state } = this.step;
		if (event.kind === 'accepted') {
			state.taskId = event.taskId;
			this.change(`accepted: ${event.taskId}`, 'accepted');
		} else if (event.kind === 'status') {
			const now = event.status === 'succeeded' ? 'succeeded, downloading' : event.status;
			this.change(now, now);
		} else if (event.kind === 'trouble') {
			this.change(event.what, event.what);
		} else {
			this.end(event.failed);
		}
	};

	/** Removes the line that is redrawn. */
	close(): void {
		clearInterval(this.timer);
		this.wipe();
		this.step = undefined;
	}

	private change(line: string, status: string): void {
		if (this.step === undefined || this.step.state.status === status) return;
		this.step.state.status = status;
		if (this.isTerminal) this.draw();
		else this.print(this.line(line));
	}

	private end(failed: boolean): void {
		if (this.step === undefined) return;
		const { taskId } = this.step.state;
		const line = this.line(failed ? 'failed' : `done${taskId === undefined ? '' : `: ${taskId}`}`);
		this.close();
		this.print(line);
	}

	/** `what` behind the name of the running step and the time that it has taken so far. */
	private line(what: string): string {
		if (this.step === undefined) return what;
		const { name, state } = this.step;
		return `${name.padEnd(NAME_WIDTH)}${seconds(Date.now() - state.startedAt).padStart(7)}  ${what}`;
	}

	private draw(): void {
		if (!this.isTerminal || this.step === undefined) return;
		const { taskId, status } = this.step.state;
		const turn = SPINNER[this.frame++ % SPINNER.length];
		const what = taskId === undefined ? status : `${status} (${taskId})`;
		process.stdout.write(`\r\x1b[2K${this.line(`${turn} ${what}`)}`);
	}

	private wipe(): void {
		if (this.isTerminal && this.step !== undefined) process.stdout.write('\r\x1b[2K');
	}
}

/** A plain-text table, with columns as wide as they need to be. */
export function table(head: readonly string[], rows: ReadonlyArray<readonly string[]>): string {
	const widths = head.map((title, column) =>
		Math.max(title.length, ...rows.map((row) => row[column].length)),
	);
	const line = (cells: readonly string[]) =>
		cells
			.map((cell, column) => cell.padEnd(widths[column]))
			.join('  ')
			.trimEnd();
	const rule = widths.map((width) => '─'.repeat(width));
	return [head, rule, ...rows].map(line).join('\n');
}
