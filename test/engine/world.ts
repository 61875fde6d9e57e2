// The world of an engine test: n8n's engine with the node in it, and the service beside it, both on a fast clock.
import { HappyHorseApi } from '../../credentials/HappyHorseApi.credentials';
import { HappyHorse } from '../../nodes/HappyHorse/HappyHorse.node';
import { Simulator, type SimulatorOptions } from '../../tools/simulator/simulator';
import type { Engine, EngineOptions, FastClock } from '../../tools/engine/engine';
import { speedUp, startEngine } from '../../tools/engine/engine';

/** The key of the account that the node uses. */
export const API_KEY = 'sk-test-key-of-the-first-account';

/** How a world is made. */
export interface WorldOptions {
	/** How many times faster than real time it runs. */
	speed?: number;
	simulator?: SimulatorOptions;
	engine?: Partial<EngineOptions>;
}

/** n8n, the service, and the clock they share. */
export interface World {
	readonly engine: Engine;
	readonly simulator: Simulator;
	readonly clock: FastClock;
	/** Ends the simulator and gives the node its clock back. */
	end(): Promise<void>;
}

/** Starts a world. One at a time: the clock is the node's only one. */
export async function startWorld({
	speed = 100,
	simulator: options,
	engine: more,
}: WorldOptions = {}): Promise<World> {
	const clock = speedUp(speed);
	const simulator = await Simulator.start({
		apiKey: API_KEY,
		secondsPerTask: 20,
		now: clock.now,
		...options,
	});
	const engine = await startEngine({
		node: new HappyHorse(),
		credentialTypes: [new HappyHorseApi()],
		credentials: {
			happyHorse: { type: 'happyHorseApi', data: { apiKey: API_KEY, baseUrl: simulator.baseUrl } },
		},
		...more,
	});
	return {
		engine,
		simulator,
		clock,
		async end() {
			await simulator.stop();
			clock.restore();
		},
	};
}

/** A world for all tests of a file; nothing of one test is left for the next. To be called at the top of the file. */
export function useWorld(options?: WorldOptions): World {
	let world: World | undefined;
	const current = () => {
		if (world === undefined) throw new Error('The world has not started yet');
		return world;
	};
	beforeAll(async () => {
		world = await startWorld(options);
	});
	afterEach(() => {
		current().simulator.reset();
		current().engine.deduplication.clear();
	});
	afterAll(async () => {
		await current().end();
		current().engine.close();
	});
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
		end: async () => await current().end(),
	};
}
