// One request and its answer: sent in full or in part, or cut off, and how it ends.
/* eslint-disable @n8n/community-nodes/no-restricted-imports -- a test tool: it runs in Node, never in n8n */
import type { ServerResponse } from 'node:http';
import type { Answer } from './answers';
import type { RecordedRequest } from './request';

/** A request and the connection it came on. */
export class Exchange {
	private readonly connection = new AbortController();
	private closedHere = false;

	/** @param changed called after each change of `request` */
	constructor(
		readonly request: RecordedRequest,
		private readonly response: ServerResponse,
		readonly changed: () => void,
	) {
		response.once('close', () => {
			request.open = false;
			request.aborted = !response.writableFinished && !this.closedHere;
			this.connection.abort();
			changed();
		});
	}

	/** Aborts when the answer is complete or the connection is closed, by either side. */
	get gone(): AbortSignal {
		return this.connection.signal;
	}

	/** Whether the head of an answer was sent. */
	get begun(): boolean {
		return this.response.headersSent;
	}

	/**
	 * Sends the head and the first `upTo` bytes of an answer, which stays open, and resolves when the operating system
	 * has them. Rejects when the connection is gone. `pause`: waited for after each piece.
	 */
	async sendPart(answer: Answer, upTo: number, pause?: () => Promise<void>): Promise<void> {
		this.gone.throwIfAborted();
		this.response.writeHead(answer.status, answer.headers);
		this.response.flushHeaders();
		this.request.status = answer.status;
		this.changed();
		let left = upTo;
		for (const chunk of answer.body.chunks()) {
			if (left <= 0) return;
			await this.write(chunk.subarray(0, left));
			left -= chunk.length;
			await pause?.();
		}
	}

	/** Sends a complete answer. */
	async send(answer: Answer): Promise<void> {
		await this.sendPart(answer, answer.body.length);
		this.end();
	}

	/** Ends the answer as if it were complete. */
	end(): void {
		this.response.end();
	}

	/** Closes the connection in an orderly way (FIN), however much of the answer was sent. */
	cut(): void {
		this.closedHere = true;
		this.response.socket?.destroySoon();
	}

	/** Resets the connection (RST), however much of the answer was sent. */
	reset(): void {
		this.closedHere = true;
		this.response.socket?.resetAndDestroy();
	}

	private async write(chunk: Buffer): Promise<void> {
		await new Promise<void>((resolve, reject) => {
			const away = () => reject(new Error('The connection is gone'));
			this.gone.addEventListener('abort', away);
			this.response.write(chunk, (error) => {
				this.gone.removeEventListener('abort', away);
				if (error) reject(error);
				else resolve();
			});
		});
	}
}
