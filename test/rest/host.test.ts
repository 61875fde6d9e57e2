// Which n8n leaves executions that wait alone.
import * as n8nWorkflow from 'n8n-workflow';
import { host } from '../../nodes/HappyHorse/rest/host';

it('it is the one that says which executions it may call crashed, and does not name those that wait', () => {
	const named: unknown = Reflect.get(n8nWorkflow, 'CRASHABLE_EXECUTION_STATUSES');
	expect(host.keepsWaiting()).toBe(Array.isArray(named) && !named.includes('waiting'));
});
