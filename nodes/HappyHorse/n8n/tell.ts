// What a user is told beside errors and items.
import type { IExecuteFunctions } from 'n8n-workflow';

/** Shows `message` beside the node's output, and writes it, or the longer `lines` that it stands for, to n8n's log. */
export function tell(
	context: IExecuteFunctions,
	type: 'info' | 'warning',
	message: string,
	lines: readonly string[] = [message],
): void {
	const level = type === 'info' ? 'info' : 'warn';
	for (const line of lines) context.logger[level](`HappyHorse: ${line}`);
	// Absent in the contexts of tools, and in old n8n
	context.addExecutionHints?.({ message, type, location: 'outputPane' });
}
