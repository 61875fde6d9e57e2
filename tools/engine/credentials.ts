// Credentials for the engine: unencrypted in memory, and applied to requests like n8n's own helper does.
import { Credentials } from 'n8n-core';
import type {
	ICredentialDataDecryptedObject,
	ICredentials,
	ICredentialType,
	IHttpRequestOptions,
	INode,
	INodeCredentialsDetails,
	INodeProperties,
	IWorkflowExecuteAdditionalData,
	Workflow,
} from 'n8n-workflow';
import { ICredentialsHelper } from 'n8n-workflow';

/** One saved credential: the name of its type, and its fields. */
export interface Credential {
	type: string;
	data: ICredentialDataDecryptedObject;
}

/** Saved credentials by id. */
export type CredentialsById = Record<string, Credential>;

function resolve(
	value: unknown,
	credentials: ICredentialDataDecryptedObject,
	workflow: Workflow,
	node: INode,
): unknown {
	if (typeof value !== 'string' || !value.startsWith('=')) return value;
	const result = workflow.expression.getSimpleParameterValue(
		node,
		value,
		'internal',
		{ $credentials: credentials },
		undefined,
		'',
	);
	return String(result ?? '');
}

/** Finds and applies credentials for n8n-core. Tokens are never refreshed: `preAuthentication` is left out. */
export class PlainCredentials extends ICredentialsHelper {
	private readonly types: Map<string, ICredentialType>;

	constructor(
		types: ICredentialType[],
		private readonly saved: CredentialsById,
	) {
		super();
		this.types = new Map(types.map((type) => [type.name, type]));
	}

	getParentTypes(name: string): string[] {
		return this.types.get(name)?.extends ?? [];
	}

	/** Mirrors `CredentialsHelper.authenticate` of n8n 2.8. */
	async authenticate(
		credentials: ICredentialDataDecryptedObject,
		typeName: string,
		requestOptions: IHttpRequestOptions,
		workflow: Workflow,
		node: INode,
	): Promise<IHttpRequestOptions> {
		const authenticate = this.types.get(typeName)?.authenticate;
		if (authenticate === undefined) return requestOptions;
		if (typeof authenticate === 'function') return await authenticate(credentials, requestOptions);
		const request: Record<string, unknown> = { headers: {}, ...requestOptions };
		for (const [part, fields] of Object.entries(authenticate.properties)) {
			const added = Object.entries(Object(fields)).map(([key, value]) => [
				resolve(key, credentials, workflow, node),
				resolve(value, credentials, workflow, node),
			]);
			request[part] = { ...Object(request[part]), ...Object.fromEntries(added) };
		}
		return Object.assign(requestOptions, request);
	}

	async preAuthentication(): Promise<undefined> {
		return undefined;
	}

	/** Called by n8n-core 2.41 only. */
	async runPreAuthentication(): Promise<undefined> {
		return undefined;
	}

	/** Called by n8n-core 2.41 only. */
	isCredentialUsableByNode(): boolean {
		return true;
	}

	async getCredentials(details: INodeCredentialsDetails, type: string): Promise<ICredentials> {
		return new Credentials({ id: details.id, name: details.name }, type);
	}

	async getDecrypted(
		_additionalData: IWorkflowExecuteAdditionalData,
		details: INodeCredentialsDetails,
		type: string,
	): Promise<ICredentialDataDecryptedObject> {
		const credential = this.saved[details.id ?? ''];
		if (credential?.type !== type) {
			throw new Error(`Credential with ID "${details.id}" does not exist for type "${type}".`);
		}
		const defaults = this.getCredentialsProperties(type).map((field) => [
			field.name,
			field.default,
		]);
		return { ...Object.fromEntries(defaults), ...credential.data };
	}

	async updateCredentials(): Promise<void> {
		throw new Error('Credentials are read-only here');
	}

	async updateCredentialsOauthTokenData(): Promise<void> {
		throw new Error('Credentials are read-only here');
	}

	getCredentialsProperties(type: string): INodeProperties[] {
		return this.types.get(type)?.properties ?? [];
	}
}
