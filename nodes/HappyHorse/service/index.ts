// The services there are. The form, the choice of a run and its credential go through this list.
import type { IExecuteFunctions } from 'n8n-workflow';
import { connectImini, IMINI } from './imini/imini';
import { connectModelStudio, MODEL_STUDIO } from './modelStudio/modelStudio';
import type { Connected, Offer } from './service';

/** A service that the node can be set to. */
export interface ServiceEntry {
	/** The value of the parameter `service`. */
	readonly name: string;
	/** What the editor calls it. */
	readonly label: string;
	/** The name of its credential type. */
	readonly credential: string;
	/** What is known of it without an account. */
	readonly offer: Offer;
	/** Connects with the node's credential. Sends nothing; `cancel` ends whatever is under way later. */
	connect(context: IExecuteFunctions, cancel: AbortSignal): Promise<Connected>;
}

/** All services; the first is the default. */
export const SERVICES: readonly ServiceEntry[] = [
	{
		name: 'imini',
		label: 'iMini',
		credential: 'happyHorseApi',
		offer: IMINI,
		connect: connectImini,
	},
	{
		name: 'modelStudio',
		label: 'Alibaba Model Studio',
		credential: 'happyHorseModelStudioApi',
		offer: MODEL_STUDIO,
		connect: connectModelStudio,
	},
];
