// The credential: the key as it goes out.
import { HappyHorseApi } from '../../credentials/HappyHorseApi.credentials';
import { nodeWith, workflowOf } from '../description/editor';

const credential = new HappyHorseApi();

describe('expressions', () => {
	const node = nodeWith({});
	const { expression } = workflowOf(node);

	/** `text` as n8n resolves it for a credential with these values. */
	function resolved(text: unknown, $credentials: Record<string, string>): unknown {
		return expression.getSimpleParameterValue(node, String(text), 'internal', {
			$credentials,
		} as Parameters<typeof expression.getSimpleParameterValue>[3]);
	}

	it.each(['sk-1', ' sk-1\n', 'Bearer sk-1', ' bearer  sk-1 ', '"sk-1"', "'Bearer sk-1'\n"])(
		'%j goes out as a bearer token',
		(apiKey) => {
			const { Authorization } = credential.authenticate.properties.headers ?? {};
			expect(resolved(Authorization, { apiKey })).toBe('Bearer sk-1');
		},
	);
});
