// Which service the suites run at: iMini, unless the jest project says otherwise (jest.long.config.js).
import type { ServiceName } from '../../tools/simulator/simulator';
import { imini } from '../../tools/simulator/imini/imini';
import { modelStudio } from '../../tools/simulator/modelStudio/modelStudio';

/** What a jest project may set. */
declare const SERVICE: ServiceName | undefined;

/** The service that suites run at. */
export const serviceUnderTest: ServiceName = typeof SERVICE === 'undefined' ? 'imini' : SERVICE;

/** Where the protocols differ: the one of the service that suites run at. */
export function perService<T>(values: Record<ServiceName, T>): T {
	return values[serviceUnderTest];
}

/** Whether a task can have several files: Model Studio makes one video for each, and no cover. */
export function makesSeveralFiles(): boolean {
	return serviceUnderTest === 'imini';
}

/** The code that the service usually gives with a status. */
export function codeOf(status: number): string {
	return perService({ imini, modelStudio }).usualErrors[status][0];
}
