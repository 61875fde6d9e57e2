// Which service the run is for, and the connection to it: the only place where one is chosen.
import type { IExecuteFunctions } from 'n8n-workflow';
import { choicesOf, labelOf } from './description';
import type { Result } from './failure';
import { Failure, failed, invalidCredential, invalidInput, succeeded } from './failure';
import { inputItem } from './request/inputItem';
import { parseChoice } from './request/values';
import { connectImini } from './service/imini/imini';
import { connectModelStudio } from './service/modelStudio/modelStudio';
import type { Service } from './service/service';

const SERVICES = ['imini', 'modelStudio'] as const;

/** By the values of the parameter `service`. A workflow that does not hold it was made when there was one. */
const CONNECT = { imini: connectImini, modelStudio: connectModelStudio };

function serviceOfItem(context: IExecuteFunctions, item: number): keyof typeof CONNECT {
	const value = inputItem(context, item, labelOf, choicesOf).value('service');
	return parseChoice('Service', value ?? 'imini', SERVICES);
}

/** The service of all items: they share a credential. @throws Failure where an expression gives them different ones */
function chosenService(context: IExecuteFunctions): keyof typeof CONNECT {
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

/** Connects the service that the node is set to. Sends nothing; `cancel` ends whatever is under way later. */
export async function connectService(
	context: IExecuteFunctions,
	cancel: AbortSignal,
): Promise<Result<Service>> {
	try {
		const connected = await CONNECT[chosenService(context)](context, cancel);
		return connected.ok
			? succeeded(connected.service)
			: failed(invalidCredential(connected.problem));
	} catch (error) {
		if (error instanceof Failure) return failed(error);
		throw error;
	}
}
