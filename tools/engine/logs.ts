// Captures what nodes write to n8n's log, execution by execution.
/* eslint-disable @n8n/community-nodes/no-restricted-imports -- a test tool: it runs in Node, never in n8n */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { Logger, LogMetadata } from 'n8n-workflow';
import { LoggerProxy } from 'n8n-workflow';

const LEVELS = ['error', 'warn', 'info', 'debug'] as const;

/** One line of the log. */
export interface LogLine {
	level: (typeof LEVELS)[number];
	message: string;
	metadata?: LogMetadata;
	/** Of the execution that wrote it. */
	executionId: string;
}

/** Called with each line of an execution as it is written. */
export type LogSink = (line: LogLine) => void;

const current = new AsyncLocalStorage<{ executionId: string; sink: LogSink }>();

/** Runs `action`, and whatever it starts asynchronously, as part of an execution: its lines go to `sink`. */
export function logged<T>(executionId: string, sink: LogSink, action: () => T): T {
	return current.run({ executionId, sink }, action);
}

const silent: Logger = { error() {}, warn() {}, info() {}, debug() {} };

/**
 * Replaces the methods of n8n's logger, the one that nodes get. Drops what is logged outside of an execution, and what
 * the engine itself logs about each node.
 */
export function captureLogs(logger: Logger): void {
	LoggerProxy.init(silent);
	for (const level of LEVELS) {
		logger[level] = (message, metadata) => {
			const scope = current.getStore();
			scope?.sink({ level, message, metadata, executionId: scope.executionId });
		};
	}
}
