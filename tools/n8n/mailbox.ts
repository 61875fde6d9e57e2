// A mail server on loopback that takes every mail: as much of SMTP (RFC 5321) as n8n's node Send Email speaks.
/* eslint-disable @n8n/community-nodes/no-restricted-imports -- a tool: it runs in Node, never in n8n */
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { createInterface } from 'node:readline';

/** An attached file. */
export interface Attachment {
	readonly fileName: string;
	readonly content: Buffer;
}

export interface Mailbox {
	/** The mails so far, as they were sent. */
	readonly mails: string[];
	readonly port: number;
	close(this: void): void;
}

const REPLIES: Record<string, string> = {
	DATA: '354 Go on',
	QUIT: '221 Bye',
};

/** Takes the mails of one connection. */
async function talk(socket: Socket, mails: string[]): Promise<void> {
	const say = (line: string) => socket.write(`${line}\r\n`);
	say('220 mailbox');
	let mail: string[] | undefined;
	for await (const line of createInterface({ input: socket })) {
		if (mail === undefined) {
			const [command] = line.toUpperCase().split(' ');
			say(REPLIES[command] ?? '250 OK');
			if (command === 'DATA') mail = [];
			if (command === 'QUIT') socket.end();
		} else if (line === '.') {
			mails.push(mail.join('\r\n'));
			mail = undefined;
			say('250 OK');
		} else {
			mail.push(line);
		}
	}
}

/** Opens a mailbox on a free port. */
export async function openMailbox(): Promise<Mailbox> {
	const mails: string[] = [];
	const server = createServer((socket) => void talk(socket, mails).catch(() => socket.destroy()));
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	const { port } = server.address() as AddressInfo;
	return { mails, port, close: () => server.close() };
}

/** The first attached file of a mail. */
export function attachmentOf(mail: string): Attachment | undefined {
	const part = mail
		.split(/\r\n--[^\r\n]+/)
		.find((one) => /Content-Disposition: attachment/i.test(one));
	if (part === undefined) return undefined;
	const [head, ...body] = part.trim().split('\r\n\r\n');
	const found = (pattern: RegExp) => pattern.exec(head)?.[1] ?? '';
	return {
		fileName: found(/filename="?([^"\r\n;]+)/i),
		content: Buffer.from(body.join(''), 'base64'),
	};
}
