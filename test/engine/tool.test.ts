// The node as an AI agent's tool, run by the agent itself or by the engine at the agent's request.
import { useWorld } from './world';

const world = useWorld({ simulator: { secondsPerTask: 2 } });

const parameters = {
	prompt: '={{ $fromAI("prompt", "", "string") }}',
	duration: '={{ $fromAI("duration", "", "string") }}',
	resolution: '={{ $fromAI("resolution", "", "string") }}',
	options: { downloadCover: true },
};

const call = (prompt: string, duration = '5') => ({
	args: { prompt, duration, resolution: '720P' },
});

describe.each(['invoking', 'requesting'] as const)('an agent that is %s', (agent) => {
	it('gets the json, and nothing is downloaded', async () => {
		const execution = await world.engine.callTool({ agent, parameters, calls: [call('A horse')] });
		expect(execution.answers).toHaveLength(1);
		const [{ text, failed }] = execution.answers;
		expect(failed).toBe(false);
		const [task] = world.simulator.tasks.values();
		expect(JSON.parse(text)).toMatchObject([
			{
				task_id: task.id,
				status: 'succeeded',
				operation: 'textToVideo',
				ordered_seconds: 5,
				video_url: expect.stringMatching(/\.mp4$/),
				cover_url: expect.stringMatching(/\.jpg$/),
			},
		]);
		// The agent knows it
		expect(text).not.toContain('A horse');
		expect(JSON.parse(text)[0]).not.toHaveProperty('videos');
		expect(task.body).toMatchObject({ prompt: 'A horse', duration: 5, resolution: '720P' });
		expect(world.simulator.ofKind('media')).toEqual([]);
		expect(execution.runs().every(({ error }) => error === undefined)).toBe(true);
	});

	it('that asks for a bad duration reads in its answer what is wrong, and nothing is ordered', async () => {
		const calls = [call('A horse', '20')];
		const { answers } = await world.engine.callTool({ agent, parameters, calls });
		const message = expect.stringMatching(/Duration \(Seconds\) must be .* 3 to 15, but is "20"$/);
		expect(answers).toMatchObject([{ failed: false }]);
		expect(JSON.parse(answers[0].text)).toMatchObject([{ error: { message } }]);
		expect(world.simulator.requests).toEqual([]);
	});

	it('may call several times: each call is a video of its own', async () => {
		const { answers } = await world.engine.callTool({
			agent,
			parameters,
			calls: [call('one'), call('two'), call('one')],
		});
		const prompts = answers.map(
			({ text }) => world.simulator.tasks.get(JSON.parse(text)[0].task_id)?.body.prompt,
		);
		expect(prompts).toEqual(['one', 'two', 'one']);
		expect(world.simulator.tasks.size).toBe(3);
	});

	it('need not wait: it gets the task, and may ask about it', async () => {
		const ordered = await world.engine.callTool({
			agent,
			parameters: { ...parameters, waitForCompletion: false },
			calls: [call('A horse')],
		});
		const [{ task_id }] = JSON.parse(ordered.answers[0].text);
		expect(world.simulator.tasks.has(task_id)).toBe(true);
		const asked = await world.engine.callTool({
			agent,
			parameters: {
				resource: 'task',
				operation: 'wait',
				taskId: '={{ $fromAI("id", "", "string") }}',
			},
			calls: [{ args: { id: task_id } }],
		});
		expect(JSON.parse(asked.answers[0].text)).toMatchObject([{ task_id, status: 'succeeded' }]);
		expect(world.simulator.ofKind('media')).toEqual([]);
	});
});
