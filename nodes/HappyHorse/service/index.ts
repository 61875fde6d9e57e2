// The services there are. The form, the choice of a run and its credential go through this list.
import type { ICredentialTestFunction, IExecuteFunctions } from 'n8n-workflow';
import { credentialTest } from './credentialCheck';
import type { Protocol } from './httpService';
import { connect, offerOf } from './httpService';
import { IMINI } from './imini/imini';
import { MODEL_STUDIO } from './modelStudio/modelStudio';
import type { Offer, Service } from './service';

/** A service that the node can be set to. */
export interface ServiceEntry
	extends Pick<Protocol, 'name' | 'label' | 'description' | 'credential'> {
	/** What is known of it without an account. */
	readonly offer: Offer;
	/** Tests a credential for n8n's panel; costs nothing. */
	readonly testCredential: ICredentialTestFunction;
	/** Connects with the node's credential, and sends nothing: see {@link connect}. @throws CredentialProblem */
	connect(context: IExecuteFunctions, cancel: AbortSignal): Promise<Service>;
}

/** All services; the first is the default. */
export const SERVICES: readonly ServiceEntry[] = [IMINI, MODEL_STUDIO].map((protocol) => ({
	...protocol,
	offer: offerOf(protocol),
	testCredential: credentialTest(protocol),
	connect: async (context, cancel) => await connect(protocol, context, cancel),
}));
