// The shapes of one HTTP exchange: where it goes, and what came back.

/** Bytes of an answer that are read, at most: a task with its videos has about 1,000. */
export const MOST_ANSWER_BYTES = 1_000_000;

/** What came back from one HTTP request. */
export type Exchange =
	/** An answer, whatever its status. */
	| {
			readonly kind: 'answer';
			readonly status: number;
			readonly headers: Readonly<Record<string, unknown>>;
			/** Its body as far as it came, at most {@link MOST_ANSWER_BYTES} of it. */
			readonly text: string;
			/** Why that is not known to be all of it: the network's word, or one of this node. */
			readonly broken?: string;
	  }
	/** A proxy refused to connect, so nothing was sent. */
	| { readonly kind: 'proxy'; readonly status: number }
	/** No connection was made, so nothing was sent; that may pass. `code` is the network's word, e.g. ECONNREFUSED. */
	| { readonly kind: 'notSent'; readonly code: string }
	/** TLS could not be made with this host, so nothing was sent. */
	| { readonly kind: 'tls'; readonly code: string }
	/** Node or n8n refuses to send this. `text`: why, in its words. */
	| { readonly kind: 'unsendable'; readonly code: string; readonly text?: string }
	/** The request may have arrived; no answer came. */
	| { readonly kind: 'lost'; readonly code: string };

/** Where requests go. */
export interface Host {
	/** Without a slash at its end. */
	readonly baseUrl: string;
	/** n8n's name of the credential type, which adds the key to the request; left out where no key may go. */
	readonly credential?: string;
}

/** Where requests go, and with which key. */
export interface Account extends Host {
	readonly credential: string;
	/** Printable ASCII; quoted in no text. */
	readonly key: string;
}
