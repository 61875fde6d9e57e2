// The world of an engine test: n8n's engine with the node in it and the simulated service beside it, on one fast clock.
import { HappyHorseApi } from '../../credentials/HappyHorseApi.credentials';
import { HappyHorseModelStudioApi } from '../../credentials/HappyHorseModelStudioApi.credentials';
import { HappyHorse } from '../../nodes/HappyHorse/HappyHorse.node';
import { accounts } from '../../nodes/HappyHorse/task/pace';
import {
	Simulator,
	type Fault,
	type Outcome,
	type FaultRule,
	type ServiceName,
	type SimulatorOptions,
} from '../../tools/simulator/simulator';
import type { Credential } from '../../tools/engine/credentials';
import type { Engine, EngineOptions, FastClock } from '../../tools/engine/engine';
import { speedUp, startEngine } from '../../tools/engine/engine';
import { serviceUnderTest } from './service';

/** The key of the account that the node uses. */
export const API_KEY = 'sk-test-key-of-the-first-account';

/** A credential as the engine takes it: for the service, with this key and at this address. */
export function credentialOf(service: ServiceName, baseUrl: string, apiKey = API_KEY): Credential {
	return service === 'imini'
		? { type: 'happyHorseApi', data: { apiKey, baseUrl } }
		: { type: 'happyHorseModelStudioApi', data: { apiKey, baseUrl, region: 'other' } };
}

/** How a world is made. */
export interface WorldOptions {
	/** How many times faster than real time it runs. Default 100. */
	speed?: number;
	simulator?: SimulatorOptions;
	engine?: Partial<EngineOptions>;
}

/** n8n, the service, and the clock they share. */
interface Parts {
	readonly engine: Engine;
	readonly simulator: Simulator;
	readonly clock: FastClock;
}

/** {@link Parts}, and what most tests ask of them. */
export interface World extends Parts {
	/** Makes the next requests of a kind go wrong: with a status of HTTP, or by a fault. */
	fail(on: FaultRule['on'], how: number | Fault, times?: number): void;
	/** What becomes of the next orders. */
	outcome(outcome: Outcome, times?: number): void;
	/** The ids of all tasks, in the order of their creation. */
	taskIds(): string[];
	/** How many submits reached the service, and how many of them became tasks, which it charges for. */
	bill(): { submits: number; tasks: number };
	/** What n8n's deduplication store holds: intents, and what belongs to them. */
	entries(): string[];
}

/** A world that its test ends by itself. */
export interface OwnWorld extends Parts {
	/** Stops the simulator, gives the node its clock back, and closes what n8n-core keeps open. */
	end(): Promise<void>;
}

/**
 * Starts a world for a single test; a whole file has {@link useWorld}. The clock is the node's only one: a world
 * started inside another is ended before it.
 */
export async function startWorld(options: WorldOptions = {}): Promise<OwnWorld> {
	const clock = speedUp(options.speed ?? 100);
	const { service = serviceUnderTest } = options.simulator ?? {};
	const simulator = await Simulator.start({
		apiKey: API_KEY,
		secondsPerTask: 20,
		now: clock.now,
		...options.simulator,
		service,
	});
	const engine = await startEngine({
		node: new HappyHorse(),
		credentialTypes: [new HappyHorseApi(), new HappyHorseModelStudioApi()],
		credentials: {
			happyHorse: credentialOf(service, simulator.baseUrl),
		},
		...options.engine,
	});
	return {
		engine,
		simulator,
		clock,
		async end() {
			await simulator.stop();
			clock.restore();
			engine.close();
		},
	};
}

/**
 * A world for all tests of a file or a `describe`: call it at the top. It starts before the first test and ends after
 * the last; after each one the service, n8n's deduplication store and the pace of accounts forget everything.
 */
export function useWorld(options?: WorldOptions): World {
	let world: OwnWorld | undefined;
	const current = () => {
		if (world === undefined) throw new Error('The world starts with the first test');
		return world;
	};
	beforeAll(async () => {
		world = await startWorld(options);
	});
	afterEach(() => {
		current().simulator.reset();
		current().engine.deduplication.clear();
		accounts.clear();
	});
	afterAll(async () => await world?.end());
	return {
		get engine() {
			return current().engine;
		},
		get simulator() {
			return current().simulator;
		},
		get clock() {
			return current().clock;
		},
		fail(on, how, times) {
			const fault: Fault = typeof how === 'number' ? { kind: 'status', status: how } : how;
			current().simulator.faults.push({ on, times, fault });
		},
		outcome: (outcome, times) => void current().simulator.outcomes.push({ times, outcome }),
		taskIds: () => [...current().simulator.tasks.keys()],
		bill() {
			const { simulator } = current();
			return { submits: simulator.ofKind('submit').length, tasks: simulator.tasks.size };
		},
		entries: () => current().engine.deduplication.rows.flatMap(({ entries }) => entries),
	};
}
