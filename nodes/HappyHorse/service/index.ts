// The services there are. The form, the choice of a run and its credential go through this list.
import type { ICredentialTestFunction, IExecuteFunctions } from 'n8n-workflow';
import { testIminiCredential } from './imini/credentialCheck';
import { connectImini, IMINI } from './imini/imini';
import { testModelStudioCredential } from './modelStudio/credentialCheck';
import { connectModelStudio, MODEL_STUDIO } from './modelStudio/modelStudio';
import type { Connected, Offer } from './service';

/** A service that the node can be set to. */
export interface ServiceEntry {
	/** The value of the parameter `service`. */
	readonly name: string;
	/** What the editor calls it. */
	readonly label: string;
	/** What it is, for the editor. */
	readonly description: string;
	/** The name of its credential type. */
	readonly credential: string;
	/** What is known of it without an account. */
	readonly offer: Offer;
	/** Tests a credential for n8n's panel; costs nothing. */
	readonly testCredential: ICredentialTestFunction;
	/** Connects with the node's credential. Sends nothing; `cancel` ends whatever is under way later. */
	connect(context: IExecuteFunctions, cancel: AbortSignal): Promise<Connected>;
}

/** All services; the first is the default. */
export const SERVICES: readonly ServiceEntry[] = [
	{
		name: 'imini',
		label: 'iMini',
		description: 'The iMini open platform: model 1.0',
		credential: 'happyHorseApi',
		testCredential: testIminiCredential,
		offer: IMINI,
		connect: connectImini,
	},
	{
		name: 'modelStudio',
		label: 'Alibaba Model Studio',
		description:
			'The home of the model, and every gateway with the DashScope protocol: model 1.1, seed, watermark',
		credential: 'happyHorseModelStudioApi',
		testCredential: testModelStudioCredential,
		offer: MODEL_STUDIO,
		connect: connectModelStudio,
	},
];
