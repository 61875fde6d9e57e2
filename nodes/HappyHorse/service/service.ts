// The port: what the four steps may ask of a service, in the domain's words. Each service is a folder that answers it.
import type { Limits, Order } from '../order';
import type { AcceptedTask, Details, VideoTask } from '../videoTask';
import type { OpenedFile } from './http';

/**
 * Why a service says no, or was not asked. `insecure`: TLS could not be made. `proxy`: a proxy in between refused to
 * connect. `unsendable`: n8n refuses to send the request. `key`: it does not accept the API key. `credits`: the
 * account has not enough. `notAllowed`: the key may not do this. `redirect`: the answer came from somewhere else.
 * `content`: its content check refused prompt or image. `invalid`: a parameter. `tooLarge`: the request's bytes.
 */
export type Refusal =
	| 'insecure'
	| 'proxy'
	| 'unsendable'
	| 'key'
	| 'credits'
	| 'notAllowed'
	| 'redirect'
	| 'content'
	| 'invalid'
	| 'tooLarge'
	| 'other';

/** What became of a submit. Only after `busy` and `notSent` may it be sent again. */
export type SubmitVerdict =
	| { readonly kind: 'accepted'; readonly task: AcceptedTask }
	/** Refused for want of room. `retryAfterMs` as the service told, or undefined. */
	| {
			readonly kind: 'busy';
			readonly details: Details;
			readonly retryAfterMs: number | undefined;
	  }
	/** No connection was made, so nothing was sent; that may pass by itself. */
	| { readonly kind: 'notSent'; readonly details: Details }
	| { readonly kind: 'refused'; readonly reason: Refusal; readonly details: Details }
	/** It may have been accepted: never send it again. */
	| { readonly kind: 'unsure'; readonly details: Details };

/** What a query brought. */
export type QueryVerdict =
	| { readonly kind: 'going'; readonly task: VideoTask }
	| { readonly kind: 'succeeded'; readonly task: VideoTask }
	/** `reason`: where the service's code is known. */
	| {
			readonly kind: 'failed';
			readonly task: VideoTask;
			readonly details: Details;
			readonly reason?: Refusal;
	  }
	/**
	 * Not an answer that the wait can end with; ask again. `busy`: the whole account has to pause. `status`: the task's
	 * own word, where it has one and still no video.
	 */
	| {
			readonly kind: 'trouble';
			readonly details: Details;
			readonly retryAfterMs: number | undefined;
			readonly busy: boolean;
			readonly status?: string;
	  }
	/** Expired, of another key, or never there: so says the service itself. */
	| { readonly kind: 'gone'; readonly details: Details }
	/** `otherKey`: the service itself says that this key may not see the task. */
	| {
			readonly kind: 'denied';
			readonly reason: Refusal;
			readonly details: Details;
			readonly otherKey?: true;
	  };

/** What an order would be sent as, for people to read. */
export interface Outline {
	readonly model: string;
	/** The fields of the request; see `shortenedOrder` for what is not in full. */
	readonly body: object;
}

/** What is known of a service without an account: enough to check an order, and to show it. Nothing here sends. */
export interface Offer {
	readonly limits: Limits;
	outline(order: Order): Outline;
}

/** An order whose files have been read: ready to be sent. */
export interface PreparedOrder {
	/** Sends it, once: this spends money. */
	send(): Promise<SubmitVerdict>;
}

/** A service that makes videos, with a user's key. No method throws for what a network or the service does. */
export interface Service {
	readonly limits: Limits;
	/** Whether it is on a host that is not on the internet, and so can fetch from such hosts itself. */
	readonly isPrivate: boolean;
	/**
	 * Reads the files of an order and builds its request; orders nothing. `secrets`: texts of this order that no message
	 * may quote. Undefined when a file can no longer be read as it was checked.
	 */
	prepare(order: Order, secrets: readonly string[]): Promise<PreparedOrder | undefined>;
	/** Asks about a task. `secrets` as above; aborting `signal` ends the question at once. */
	query(taskId: string, secrets: readonly string[], signal?: AbortSignal): Promise<QueryVerdict>;
	/** Opens a finished file, without the key; aborting `signal` closes it. */
	openFile(url: string, signal: AbortSignal): Promise<OpenedFile>;
}

/**
 * What is wrong with a credential. `missing`: it can't be read. `baseUrl`: no http(s) address. `userInUrl`: an address with
 * a user or a password. `key`: one that no header takes.
 */
export type CredentialProblem = 'missing' | 'baseUrl' | 'userInUrl' | 'key';

/** A service that can be used with the user's credential, or what is wrong with that. */
export type Connected =
	| { readonly ok: true; readonly service: Service }
	| { readonly ok: false; readonly problem: CredentialProblem };
