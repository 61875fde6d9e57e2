// A relay on this machine: it hands the node's requests on to a service, and writes down what comes back.
/* eslint-disable @n8n/community-nodes/no-restricted-imports -- a tool: it runs in Node, never in n8n */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Account } from '../../nodes/HappyHorse/service/httpService';
import { Redactor } from '../../nodes/HappyHorse/service/redact';
import { readBody, serve } from '../simulator/http';
import type { ServiceName } from '../simulator/simulator';
import { add, reading, redacted, type RecordedExchange } from './record';

/** Headers of requests that are handed on. */
const HANDED_ON = /^(?:authorization|content-type|accept|accept-encoding|user-agent|x-.*)$/;

/** Headers that are handed back: all but those that are not true any more of a body that `fetch` has unpacked. */
const HANDED_BACK = /^(?!content-encoding|content-length|transfer-encoding|connection)/;

/** Headers that a service may go by, and those that tell something beside the body. */
const RECORDED = /^(?:content-type|x-dashscope-.*|date|retry-after|x-request-id|x-ratelimit.*)$/;

function picked(headers: Readonly<Record<string, unknown>>, names: RegExp): Record<string, string> {
	const found = Object.entries(headers).filter(([name]) => names.test(name));
	return Object.fromEntries(found.map(([name, value]) => [name, String(value)]));
}

/** A running relay. */
export interface Relay {
	/** For the node, in place of the service's. */
	readonly baseUrl: string;
	/** What was exchanged so far. */
	readonly exchanges: readonly RecordedExchange[];
	/** Closes its port and all connections. */
	stop(): Promise<void>;
}

/** Starts a relay to the address of an account, on a free port of 127.0.0.1. */
export async function startRelay(service: ServiceName, account: Account): Promise<Relay> {
	const { origin, pathname } = new URL(account.baseUrl);
	const basePath = pathname.replace(/\/$/, '');
	const redactor = new Redactor(account.key);
	const exchanges: RecordedExchange[] = [];

	async function handOn(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
		const { method = '', url = '', headers } = incoming;
		const start = Date.now();
		const bytes = (await readBody(incoming, Infinity)) ?? Buffer.alloc(0);
		const sent = bytes.length > 0 ? new Uint8Array(bytes) : undefined;
		const path = url.slice(basePath.length);
		const body = sent && redacted(bytes.toString(), redactor);
		const request = { method, path, headers: picked(headers, RECORDED), body };
		const note = (answer?: RecordedExchange['answer'], verdict?: unknown) => {
			const end = Date.now();
			const at = new Date(end).toISOString();
			add(exchanges, { at, ms: end - start, request, answer, verdict, repeats: 0 });
		};
		const gone = new AbortController();
		response.once('close', () => gone.abort());
		try {
			const answer = await fetch(origin + url, {
				method,
				headers: picked(headers, HANDED_ON),
				body: sent,
				redirect: 'manual',
				signal: gone.signal,
			});
			const read = Buffer.from(await answer.arrayBuffer());
			const all: Record<string, string> = {};
			answer.headers.forEach((value, name) => (all[name] = value));
			const text = read.toString();
			const head = { status: answer.status, headers: picked(all, RECORDED) };
			const verdict = reading(service, path, { ...head, text }, redactor);
			note({ ...head, body: redacted(text, redactor) }, verdict);
			response.writeHead(answer.status, picked(all, HANDED_BACK)).end(read);
		} catch {
			note();
			response.destroy();
		}
	}

	const { url, stop } = await serve((incoming, response) => {
		void handOn(incoming, response).catch(() => response.destroy());
	});
	return { baseUrl: url + basePath, exchanges, stop };
}
