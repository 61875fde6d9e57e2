// Which service the suites of a test file run at: iMini, unless a file in `modelStudio/` says otherwise before it loads one.
import type { ServiceName } from '../../tools/simulator/simulator';
import { imini } from '../../tools/simulator/imini/imini';
import { modelStudio } from '../../tools/simulator/modelStudio/modelStudio';

let current: ServiceName = 'imini';

/** From now on, and for this test file only, suites run at another service. */
export function runAt(service: ServiceName): void {
	current = service;
}

/** The service that suites run at. */
export function serviceUnderTest(): ServiceName {
	return current;
}

/** Where the protocols differ: the one of the service that suites run at. */
export function perService<T>(values: Record<ServiceName, T>): T {
	return values[current];
}

/** Whether a task can have several files: Model Studio makes one video for each, and no cover. */
export function makesSeveralFiles(): boolean {
	return current === 'imini';
}

/** The code that the service usually gives with a status. */
export function codeOf(status: number): string {
	return perService({ imini, modelStudio }).usualErrors[status][0];
}
