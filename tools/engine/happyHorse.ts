// The engine with what this package brings: its node and its credentials.
import { startEngine, type Engine, type EngineOptions } from './engine';
import { HappyHorseApi } from '../../credentials/HappyHorseApi.credentials';
import { HappyHorseModelStudioApi } from '../../credentials/HappyHorseModelStudioApi.credentials';
// With its extension: without one, tsx takes the codex file beside it, HappyHorse.node.json
import { HappyHorse } from '../../nodes/HappyHorse/HappyHorse.node.js';

/** Starts it. `options`: what else it has. */
export async function startHappyHorse(options: Partial<EngineOptions>): Promise<Engine> {
	const credentialTypes = [new HappyHorseApi(), new HappyHorseModelStudioApi()];
	return await startEngine({ node: new HappyHorse(), credentialTypes, ...options });
}
