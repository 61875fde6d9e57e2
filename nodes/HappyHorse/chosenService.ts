// Which service a run is for: the only place where one is chosen.
import type { IExecuteFunctions } from 'n8n-workflow';
import { choicesOf, labelOf } from './description';
import type { Result } from './failure';
import { Failure, failed, invalidInput, succeeded } from './failure';
import { reasonOf } from './reason';
import { inputItem } from './request/inputItem';
import { parseChoice } from './request/values';
import { connectImini, IMINI } from './service/imini/imini';
import { connectModelStudio, MODEL_STUDIO } from './service/modelStudio/modelStudio';
import type { Connected, Offer } from './service/service';

const SERVICES = ['imini', 'modelStudio'] as const;

/** A service: what it offers, and how to connect to it with the node's credential. */
export interface ServiceChoice {
	readonly offer: Offer;
	/** Sends nothing; `cancel` ends whatever is under way later. */
	connect(context: IExecuteFunctions, cancel: AbortSignal): Promise<Connected>;
}

/** By the values of the parameter `service`. A workflow that does not hold it was made when there was one. */
const CHOICES: Record<(typeof SERVICES)[number], ServiceChoice> = {
	imini: { offer: IMINI, connect: connectImini },
	modelStudio: { offer: MODEL_STUDIO, connect: connectModelStudio },
};

function serviceOfItem(context: IExecuteFunctions, item: number): keyof typeof CHOICES {
	const value = inputItem(context, item, labelOf, choicesOf).value('service');
	return parseChoice('Service', value ?? 'imini', SERVICES);
}

/** The service of all items: they share a credential. @throws Failure where an expression gives them different ones */
function serviceOfAll(context: IExecuteFunctions): keyof typeof CHOICES {
	const count = context.getInputData().length;
	if (count === 0) return 'imini';
	const first = serviceOfItem(context, 0);
	const isFixed = !inputItem(context, 0, labelOf).isExpression('service');
	for (let item = 1; item < count && !isFixed; item += 1) {
		if (serviceOfItem(context, item) === first) continue;
		throw invalidInput(
			'Service must be the same for all items of a run',
			'Use a HappyHorse node for each service, with an If or Switch node before them.',
		);
	}
	return first;
}

/** The service that the node is set to. */
export function chosenService(context: IExecuteFunctions): Result<ServiceChoice> {
	try {
		return succeeded(CHOICES[serviceOfAll(context)]);
	} catch (error) {
		return failed(
			error instanceof Failure
				? error
				: invalidInput(
						`The input could not be read: ${reasonOf(error)}`,
						'Check the input of this node.',
					),
		);
	}
}
