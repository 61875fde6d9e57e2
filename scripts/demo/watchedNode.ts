// The node, reporting its progress: n8n shows nothing of a node while it runs, and the demo wants to.
import type { IExecuteFunctions,IHttpRequestOptions,INodeType } from 'n8n-workflow';
import { z } from 'zod';
// With its extension: without one, tsx takes the codex file beside it, HappyHorse.node.json
import { HappyHorse } from '../../nodes/HappyHorse/HappyHorse.node.js';

/** What the node has just done or learned. `step` is its name in the workflow. */
export type NodeEvent = { readonly step: string } & (
	| { readonly kind: 'started' }
	/** The service has accepted the order. */
	| { readonly kind: 'accepted'; readonly taskId: string }
	/** The service has answered with the task's status. */
	| { readonly kind: 'status'; readonly status: string }
	/** No usable answer from the service or the network. */
	| { readonly kind: 'trouble'; readonly what: string }
	| { readonly kind: 'ended'; readonly failed: boolean }
);

/** What an answer about a task tells; the body of any other has none of it. */
const aboutTask = z.object({ task_id: z.string().optional(), status: z.string().optional() });

/** The part of an answer that is read. Model Studio's tells of a task one level down, and in capital letters. */
const answerShape = z.object({
	statusCode: z.number().max(299),
	body: z
		.string()
		.transform((text): unknown => JSON.parse(text))
		.pipe(
			z.union([
				z
					.object({ output: z.object({ task_id: z.string(), task_status: z.string() }) })
					.transform(({ output: { task_id, task_status } }) => ({
						task_id,
						status: task_status.toLowerCase(),
					})),
				aboutTask,
			]),
		),
});

/** What the answer to a request with this method means; undefined where it is not about a task. */
function eventOf(method: string | undefined, answer: unknown, step: string): NodeEvent | undefined {
	try {
		const { task_id: taskId, status } = answerShape.parse(answer).body;
		if (taskId === undefined) return undefined;
		if (method === 'POST') return { step, kind: 'accepted', taskId };
		return status === undefined ? undefined : { step, kind: 'status', status };
	} catch {
		const { data } = z.object({ statusCode: z.number() }).safeParse(answer);
		const what = `the service answered with status ${data?.statusCode ?? 'unknown'}`;
		return { step, kind: 'trouble', what };
	}
}

/** A body as text: the node asks for a stream, which can be read only once. */
async function textOf(body: AsyncIterable<Uint8Array>): Promise<string> {
	const pieces: Uint8Array[] = [];
	for await (const piece of body) pieces.push(piece);
	return Buffer.concat(pieces).toString();
}

/** The same context, except that `tell` hears of every request to the service. */
function watched(
	context: IExecuteFunctions,
	step: string,
	tell: (event: NodeEvent) => void,
): IExecuteFunctions {
	const { httpRequestWithAuthentication: send } = context.helpers;
	const httpRequestWithAuthentication: typeof send = async function (
		this: IExecuteFunctions,
		credential: string,
		options: IHttpRequestOptions,
	) {
		const answering = send.call(this, credential, options);
		answering.catch(() => tell({ step, kind: 'trouble', what: 'the service gave no answer' }));
		const answer = await answering;
		const whole = { ...answer, body: await textOf(answer.body) };
		const event = eventOf(options.method, whole, step);
		if (event !== undefined) tell(event);
		return whole;
	};
	const helpers = { ...context.helpers, httpRequestWithAuthentication };
	return Object.create(context, { helpers: { value: helpers } });
}

/** The node as it is, except that `tell` hears what it does. */
export function watchedNode(tell: (event: NodeEvent) => void): INodeType {
	const node = new HappyHorse();
	return {
		description: node.description,
		async execute() {
			const step = this.getNode().name;
			tell({ step, kind: 'started' });
			let failed = true;
			try {
				const output = await node.execute.call(watched(this, step, tell));
				failed = false;
				return output;
			} finally {
				tell({ step, kind: 'ended', failed });
			}
		},
	};
}
