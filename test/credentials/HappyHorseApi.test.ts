// The credential's test, judged by the rules that n8n applies: the first one whose value stands at its key fails it.
import { HappyHorseApi } from '../../credentials/HappyHorseApi.credentials';
import { DEFAULT_BASE_URL, TASK_PATH } from '../../nodes/HappyHorse/service/imini/address';

const credential = new HappyHorseApi();

/** What stands at a dotted path, as lodash's `get` finds it. */
function at(body: unknown, path: string): unknown {
	return path
		.split('.')
		.reduce<unknown>(
			(value, key) =>
				value === undefined || value === null ? undefined : Reflect.get(Object(value), key),
			body,
		);
}

/** The message that n8n shows for an answer; undefined when it says "Connection successful!". */
function verdict(body: unknown): string | undefined {
	for (const rule of credential.test.rules ?? []) {
		if (rule.type !== 'responseSuccessBody') continue;
		if (at(body, rule.properties.key) === rule.properties.value) return rule.properties.message;
	}
	return undefined;
}

const refusal = (status: number, code: string | number) => ({
	error: { code, message: 'Told by the service', status, request_id: 'req_abc123' },
});

describe('test', () => {
	it('passes when the service knows no such task: only a good key gets that far', () => {
		expect(verdict(refusal(404, 'TASK_NOT_FOUND'))).toBeUndefined();
	});

	it.each([
		'NOT_FOUND',
		'ROUTE_NOT_FOUND',
		'PATH_NOT_FOUND',
		'TASK_NOT_FOUND_HERE',
		'TASKS_NOT_FOUND',
		'TASK_NOT_FOUN',
		'TASK_FORBIDDEN',
		'task_not_found',
		'A_NEW_CODE',
		'404',
		404,
	])('is not passed by something else that is not there: 404 with the code %j', (code) => {
		expect(verdict(refusal(404, code))).toMatch(/keeps no tasks at this address.*Base URL/);
	});

	it.each([
		[401, 'UNAUTHORIZED', /does not accept this API key.*imini\.ai\/api-keys/],
		[402, 'INSUFFICIENT_CREDITS', /not enough credits/],
		[403, 'FORBIDDEN', /does not let this API key in/],
		[429, 'RATE_LIMITED', /too many requests.*Try again in a minute/],
		[400, 'INVALID_PARAMETER', /refused the test request.*Base URL/],
		[405, 'METHOD_NOT_ALLOWED', /refused the test request.*Base URL/],
		[408, 'TIMEOUT', /refused the test request/],
		[500, 'INTERNAL', /problem of its own.*Try again later/],
		[502, 'BAD_GATEWAY', /problem of its own/],
		[503, 'UNAVAILABLE', /problem of its own/],
		[504, 'GATEWAY_TIMEOUT', /problem of its own/],
	])('names the service’s %i %s as what it is', (status, code, message) => {
		expect(verdict(refusal(status, code))).toMatch(message);
	});

	it.each<[string, unknown]>([
		['a web page', '<html><body>404 Not Found</body></html>'],
		['an empty answer, or that of a redirect', ''],
		['no body at all', undefined],
		['null', null],
		['a JSON string', 'hello'],
		['another gateway', { message: 'no Route matched with those values' }],
		['Spring', { timestamp: 'x', status: 404, error: 'Not Found', path: '/v1' }],
		[
			'another platform',
			{ error: { message: 'Invalid URL', type: 'invalid', param: null, code: null } },
		],
		['a platform with a code of its own', { error: { message: 'No', code: 'invalid_api_key' } }],
		['an empty code', { error: { message: 'No', code: '', status: 404 } }],
		['a status that is no error', { task_id: 'task_1', status: 'queued', error: null }],
		['the first entry of a list', { a: 1 }],
	])('says that it was not the service: %s', (_what, body) => {
		expect(verdict(body)).toMatch(/not from the HappyHorse API.*Base URL/);
	});

	it('leaves no registered error status of the service unnamed but 404', () => {
		const registered = [
			400, 401, 402, 403, 405, 406, 408, 409, 410, 413, 415, 421, 422, 425, 426, 428, 429,
		];
		for (const status of [...registered, 431, 451, 500, 501, 502, 503, 504]) {
			expect(verdict(refusal(status, 'ANY'))).toEqual(expect.any(String));
		}
	});

	it('says what to do next, quotes nothing, and contains no period at the end', () => {
		for (const rule of credential.test.rules ?? []) {
			expect(rule.properties.message).toMatch(/Check|Try again|Copy it|Add credits/);
			expect(rule.properties.message).not.toMatch(/\.$|\$|\{\{/);
		}
	});

	it('sends the key to the named host only, and reads error answers itself', () => {
		expect(credential.test.request).toMatchObject({
			url: expect.stringMatching(`^${TASK_PATH}task_\\d+$`),
			disableFollowRedirect: true,
			sendCredentialsOnCrossOriginRedirect: false,
			ignoreHttpStatusErrors: true,
		});
	});
});

describe('expressions', () => {
	const node = nodeWith({});
	const { expression } = workflowOf(node);

	/** `text` as n8n resolves it for a credential with these values. */
	function resolved(text: unknown, $credentials: Record<string, string>): unknown {
		return expression.getSimpleParameterValue(node, String(text), 'internal', {
			$credentials,
		} as Parameters<typeof expression.getSimpleParameterValue>[3]);
	}

	it.each([
		DEFAULT_BASE_URL,
		`${DEFAULT_BASE_URL}/`,
		`${DEFAULT_BASE_URL}///`,
		` ${DEFAULT_BASE_URL}/ `,
	])('"%s" leads to the same address', (baseUrl) => {
		expect(resolved(credential.test.request.baseURL, { baseUrl })).toBe(DEFAULT_BASE_URL);
	});

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
		expect(credential.displayName).toBe('HappyHorse API');
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
