// HTTP servers on loopback: opening and closing ports, reading bodies.
/* eslint-disable @n8n/community-nodes/no-restricted-imports -- a test tool: it runs in Node, never in n8n */
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';

/** A server without time limits of its own: tests decide what is slow. */
export function newServer(): Server {
	const server = createServer({ requestTimeout: 0, headersTimeout: 0, keepAliveTimeout: 600_000 });
	server.on('clientError', (_error, socket) => socket.destroy());
	return server;
}

/** Opens a port on 127.0.0.1; 0 takes a free one. */
export async function listen(server: Server, port: number): Promise<void> {
	await new Promise<void>((resolve, reject) => {
		server.once('error', reject);
		server.listen(port, '127.0.0.1', () => {
			server.off('error', reject);
			resolve();
		});
	});
}

/** The port of a listening server. */
export function portOf(server: Server): number {
	const address = server.address();
	if (address === null || typeof address === 'string')
		throw new Error('The server does not listen');
	return address.port;
}

/** Closes a port and all its connections. Does nothing if it is closed already. */
export async function close(server: Server): Promise<void> {
	await new Promise<void>((resolve) => {
		server.close(() => resolve());
		server.closeAllConnections();
	});
}

/** Answers requests on 127.0.0.1: at a port of one's own, or (default) a free one. */
export async function serve(answer: RequestListener, port = 0) {
	const server = newServer().on('request', answer);
	await listen(server, port);
	return { url: `http://127.0.0.1:${portOf(server)}`, stop: async () => await close(server) };
}

/**
 * The body of a request; undefined if it is larger than `limit` bytes (it is read to its end all the same, so that the
 * client gets to see the answer). Rejects when the client goes away.
 */
export async function readBody(
	incoming: IncomingMessage,
	limit: number,
): Promise<Buffer | undefined> {
	const chunks: Buffer[] = [];
	let length = 0;
	for await (const chunk of incoming) {
		if (!Buffer.isBuffer(chunk)) continue;
		length += chunk.length;
		if (length <= limit) chunks.push(chunk);
		else chunks.length = 0;
	}
	return length <= limit ? Buffer.concat(chunks) : undefined;
}
