// Why a service refused an order, worded: for each reason, what happened and what to do about it.
import { Failure, NOTHING_ORDERED } from '../domain/failure';
import type { Details } from '../domain/task';
import type { Pages, Refusal, SubmitVerdict } from '../service/service';

/** For each reason of a refusal: what happened, and what to do next. */
const REFUSALS: Record<
	Refusal,
	(details: Details, pages: Pages) => { message: string; next: string }
> = {
	insecure: (_, { address }) => ({
		message: 'No secure connection to the HappyHorse service could be made',
		next: `Check the ${address} of the credential, and the certificate of a proxy in between (NODE_EXTRA_CA_CERTS).`,
	}),
	proxy: ({ httpStatus }, { address }) => ({
		message: `A proxy refused to connect to the HappyHorse service (status ${httpStatus})`,
		next: `Check the proxy that n8n is set up to use (HTTPS_PROXY), and the ${address} of the credential.`,
	}),
	between: ({ httpStatus }, { address }) => ({
		message: `Something between n8n and the HappyHorse service refused the request (status ${httpStatus})`,
		next: `A firewall, a proxy or Cloudflare answered in its place: check the ${address} of the credential, and the network of n8n.`,
	}),
	unsendable: (_, { address }) => ({
		message: 'n8n did not send the request to the HappyHorse service',
		next: `Check the API key and the ${address} of the credential, and what this n8n may connect to.`,
	}),
	key: (_, { keys, otherKeys }) => ({
		message: 'The HappyHorse service does not accept the API key',
		next: `Check the API key in the credential, or create a new one at ${keys}.${otherKeys === undefined ? '' : ` Is it a key of ${otherKeys}? Then set Service to it.`}`,
	}),
	keyOrRegion: (_, { keys, address }) => ({
		message: 'The HappyHorse service does not accept the API key here',
		next: `A key is good only where it was created: check the ${address} of the credential, or create a new key at ${keys}.`,
	}),
	credits: (_, { account }) => ({
		message: 'The account of this API key has not enough credits',
		next: `Add credits at ${account}, then run this again.`,
	}),
	quota: (_, { account }) => ({
		message: 'The quota of this account for the model is used up',
		next: `Look at ${account} when it is renewed, or have it raised; sending again does not help until then.`,
	}),
	notAllowed: (_, { account }) => ({
		message: 'The account of this API key is not allowed to order this',
		next: `Check at ${account} what the key may do, and that the account has credits.`,
	}),
	notActivated: (_, { account }) => ({
		message: 'The account of this API key has not activated the model',
		next: `Activate it at ${account}, then run this again.`,
	}),
	model: ({ httpStatus }, { address }) => ({
		message: `The HappyHorse service has no such model at this address (status ${httpStatus})`,
		next: `Check the ${address} of the credential: not every region has every model. Another Model Version may be there.`,
	}),
	redirect: ({ httpStatus }, { address }) => ({
		message: `The HappyHorse service answered with a redirect (status ${httpStatus}), which is not followed`,
		next: `Check the ${address} of the credential: it must lead to the service itself.`,
	}),
	content: () => ({
		message: "The prompt or an image was refused by the service's content check",
		next: 'Change the prompt or the image, then run this again.',
	}),
	invalid: ({ text }) => ({
		message: 'The HappyHorse service refused the request',
		next:
			text === undefined
				? 'Check the prompt and the images, then run this again.'
				: 'Correct what it complains about, then run this again.',
	}),
	tooLarge: ({ httpStatus }) => ({
		message: `The HappyHorse service refused the request (status ${httpStatus})`,
		next: 'The images are too large for the service, or for a proxy in between: put the node Edit Image before this one, with the operation Resize.',
	}),
	other: ({ httpStatus }, { address }) => ({
		message: `The HappyHorse service refused the request (status ${httpStatus})`,
		next: `Check the ${address} of the credential.`,
	}),
};

type Refused = Extract<SubmitVerdict, { kind: 'refused' }>;

/** The service said no to a submit: certainly not ordered. */
export function submitRefused({ reason, details }: Refused, pages: Pages): Failure {
	const { message, next } = REFUSALS[reason](details, pages);
	return new Failure('refused', message, { cost: NOTHING_ORDERED, next, details });
}
