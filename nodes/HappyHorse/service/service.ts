// The port: what the four steps may ask of a service, in the domain's words. Each service is a folder that answers it.
import type { Order, TaskFilter } from '../domain/order';
import type { Limits } from '../domain/limits';
import type { AcceptedTask, Details, KnownTask, Place, VideoTask } from '../domain/task';
import type { OpenedFile } from './http/openFile';

/** Orders, and all that costs nothing: queries, lists, cancels. Services limit each on its own. */
export type RequestKind = 'orders' | 'queries';

/** What is known beforehand of the rate that a service allows, in requests a second, and of its pauses, in ms. */
export interface PaceLimits {
	readonly first: number;
	readonly most: number;
	readonly least: number;
	/** After a refusal that tells none; each further refusal makes it longer by half. */
	readonly pauseMs: number;
	readonly longestPauseMs: number;
}

/** Why a service says no, or was not asked. */
export type Refusal =
	| 'insecure' // TLS could not be made
	| 'proxy' // a proxy in between refused to connect
	| 'between' // a firewall, proxy or gateway refused, and not the service itself
	| 'unsendable' // n8n refuses to send the request
	| 'key' // it does not accept the API key
	| 'keyOrRegion' // the same, or the key is of another region
	| 'credits' // the account has not enough
	| 'quota' // it is used up, and waiting does not help
	| 'notAllowed' // the key may not do this
	| 'notActivated' // the account has not activated the model
	| 'model' // there is no such model here
	| 'redirect' // the answer came from somewhere else
	| 'content' // its content check refused prompt or image
	| 'invalid' // a parameter
	| 'tooLarge' // the request's bytes
	| 'other';

/** Whether the whole account has to pause, and for how many ms, where that was told. */
interface AskedPause {
	readonly busy?: boolean;
	readonly retryAfterMs?: number;
}

/** What became of a submit. Only after `busy` and `notSent` may it be sent again. */
export type SubmitVerdict =
	| { readonly kind: 'accepted'; readonly task: AcceptedTask }
	/** Refused because it is busy. */
	| ({ readonly kind: 'busy'; readonly details: Details } & AskedPause)
	/** No connection was made, so nothing was sent; that may pass by itself. */
	| { readonly kind: 'notSent'; readonly details: Details }
	| { readonly kind: 'refused'; readonly reason: Refusal; readonly details: Details }
	/** It may have been accepted: never send it again. */
	| ({ readonly kind: 'unsure'; readonly details: Details } & AskedPause);

/** What a query brought. */
export type QueryVerdict =
	| { readonly kind: 'going' | 'succeeded'; readonly task: VideoTask }
	/** `reason`: where the service's code is known. */
	| {
			readonly kind: 'failed';
			readonly task: VideoTask;
			readonly details: Details;
			readonly reason?: Refusal;
	  }
	/** No answer that ends the wait; ask again. `status`: the task's own word, where it has one and still no video. */
	| ({ readonly kind: 'trouble'; readonly details: Details; readonly status?: string } & AskedPause)
	/** Expired, of another key, or never there: so says the service itself. */
	| { readonly kind: 'gone'; readonly details: Details }
	| { readonly kind: 'denied'; readonly reason: Refusal; readonly details: Details };

/**
 * What came of a request to cancel. `answered`: it was taken, or refused since the task is no longer in the queue; the
 * task itself tells which.
 */
export type CancelVerdict =
	| { readonly kind: 'answered' }
	| Extract<QueryVerdict, { kind: 'trouble' | 'denied' }>;

/** What is known of a service without an account: enough to check an order, and to show it. Nothing here sends. */
export interface Offer {
	readonly limits: Limits;
	/** All names of a request, whatever its mode: extra parameters must not have them, in any case. */
	readonly ownParameters: readonly string[];
	/** Whether the video to edit is uploaded, so that n8n need not be reachable. */
	readonly uploadsVideos: boolean;
	/** Whether a task can be taken out of the queue, and tasks can be listed. */
	readonly managesTasks: boolean;
	/**
	 * Whether the service tells when it has accepted an order, and the size and the cover of the finished video; one that does
	 * not tells the seconds it bills.
	 */
	readonly describesVideos: boolean;
	/** What an order would be sent as, for people to read: see `shortenedOrder` for what is not in full. */
	preview(order: Order): { readonly model: string; readonly body: object };
}

/** An order whose files have been read: ready to be sent. */
export interface PreparedOrder {
	readonly kind: 'ready';
	/** The service's name of the model. */
	readonly model: string;
	/** Sends it, once: this spends money. */
	send(): Promise<SubmitVerdict>;
}

/**
 * What came of preparing an order; nothing was ordered yet. `unreadable`: a file can no longer be read as it was checked.
 * `unreachable`: the service has to fetch the video from this n8n, and can't.
 */
export type Preparation = PreparedOrder | { readonly kind: 'unreadable' | 'unreachable' };

/**
 * What came of an upload. `done`: the service has the video, or fetches it from this n8n. `notUploaded`: it did not get to
 * the service; that may pass by itself. The rest: the service did not take it.
 */
export type Upload =
	| { readonly kind: 'done' }
	| { readonly kind: 'notUploaded'; readonly details: Details }
	| Extract<SubmitVerdict, { kind: 'busy' | 'refused' }>;

/**
 * A page of the list. `none`: there is no list here, or none that can be read. That a task is not in a list means nothing:
 * pages shift while they are read.
 */
export type ListVerdict =
	| { readonly kind: 'page'; readonly tasks: readonly KnownTask[]; readonly pages: number }
	| { readonly kind: 'none'; readonly details: Details }
	| Extract<QueryVerdict, { kind: 'trouble' | 'denied' }>;

/** Whatever a request may come to. */
export type Answer = SubmitVerdict | QueryVerdict | CancelVerdict | ListVerdict;

/** How long a question may take. */
export interface Patience {
	/** Ends it at once. */
	readonly signal?: AbortSignal;
	/** Ms, at most. */
	readonly withinMs?: number;
}

/** Where a user finds what a message names: the address of a page, or whom to ask. */
export interface Pages {
	/** API keys. */
	readonly keys: string;
	/** Credits, the bill, and what was ordered. */
	readonly account: string;
	/** The fields of the credential that say where the service is, as the form shows them. */
	readonly address: string;
	/** Another service of this node, whose keys are taken for its own; left out where that is unlikely. */
	readonly otherKeys?: string;
}

/** A service that makes videos, with a user's key. No method throws for what a network or the service does. */
export interface Service {
	readonly limits: Limits;
	/** How often an account may be asked. */
	readonly pace: Readonly<Record<RequestKind, PaceLimits>>;
	/** Where the tasks of this account are known. */
	readonly place: Place;
	/** Tells this account from others, without telling its key. */
	readonly account: string;
	readonly pages: Pages;
	/** Whether it is on a host that is not on the internet, and so can fetch from such hosts itself. */
	readonly isPrivate: boolean;
	/**
	 * Hands the service the file of a video to edit, for `prepare`; left out where the service fetches it from this n8n. A
	 * file that it has already is not sent again. Aborting `signal` ends it at once.
	 */
	upload?(order: Order, signal: AbortSignal): Promise<Upload>;
	/** Reads the images of an order and builds its request; orders nothing. */
	prepare(order: Order): Promise<Preparation>;
	/** Asks about a task. */
	query(taskId: string, patience: Patience): Promise<QueryVerdict>;
	/** Takes a task out of the queue; left out where the service can't. */
	cancelTask?(taskId: string, patience: Patience): Promise<CancelVerdict>;
	/** A page of the account's tasks of the last day, from 1 on; left out where the service has no list. */
	list?(page: number, filter: TaskFilter, patience: Patience): Promise<ListVerdict>;
	/** Opens a finished file, without the key; aborting `signal` closes it. */
	openFile(url: string, signal: AbortSignal): Promise<OpenedFile>;
}
