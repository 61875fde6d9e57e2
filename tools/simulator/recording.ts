// Records every request that reaches the simulator, and waits for what a test expects of them.
/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals -- a test tool: it runs in Node, never in n8n */
import type { RecordedRequest } from './request';

/** All requests since the start or the last reset. */
export class Recording {
	/** In order of arrival. */
	readonly requests: RecordedRequest[] = [];

	private readonly watchers = new Set<() => void>();

	/** To be called after each change of a request. */
	changed(): void {
		for (const look of [...this.watchers]) look();
	}

	/**
	 * Resolves as soon as `condition` holds; it is checked now and after each change of any request.
	 * @param ms real time, after which it rejects with a list of the requests so far
	 */
	async waitFor(
		condition: (requests: readonly RecordedRequest[]) => boolean,
		ms: number,
	): Promise<void> {
		await new Promise<void>((resolve, reject) => {
			const settle = (error?: unknown) => {
				clearTimeout(timer);
				this.watchers.delete(look);
				if (error === undefined) resolve();
				else reject(error);
			};
			const look = () => {
				try {
					if (condition(this.requests)) settle();
				} catch (error) {
					settle(error);
				}
			};
			const timer = setTimeout(() => settle(new Error(this.missed(ms))), ms);
			this.watchers.add(look);
			look();
		});
	}

	private missed(ms: number): string {
		const seen = this.requests.map(
			({ kind, method, path, status, open }) =>
				`${kind}: ${method} ${path} ${status ?? (open ? 'open' : 'unanswered')}`,
		);
		return `Waited ${ms} ms in vain. Requests until then:\n${seen.join('\n') || 'none'}`;
	}
}
