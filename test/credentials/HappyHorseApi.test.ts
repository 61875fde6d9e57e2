// The credential: its fields, and the key as it goes out.
import { HappyHorseApi } from '../../credentials/HappyHorseApi.credentials';
import { DEFAULT_BASE_URL } from '../../nodes/HappyHorse/service/imini/address';
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

describe('fields', () => {
	it('are a hidden key and an address', () => {
		expect(credential.name).toBe('happyHorseApi');
		expect(credential.displayName).toBe('HappyHorse iMini API');
		expect(
			credential.properties.map(({ name, type, default: preset }) => [name, type, preset]),
		).toEqual([
			['apiKey', 'string', ''],
			['baseUrl', 'string', DEFAULT_BASE_URL],
		]);
		expect(credential.properties[0].typeOptions).toEqual({ password: true });
	});

	it('say where the key comes from, without a final period', () => {
		expect(credential.properties[0].description).toContain('https://imini.ai/api-keys');
		for (const { description } of credential.properties) expect(description).not.toMatch(/\.$/);
	});
});
