// What the world may send: links made to be slow, a long prompt, an answer that does not end.
import type { Load,Measured } from '../load';
import { limited,rounded,type Scenario } from '../scenario';

const SHORT_PROMPT = 7;
const LONG_PROMPT = 5000;
const HUGE_ANSWER_BYTES = 300 * 1024 * 1024;

/** CPU time of one query and all that comes with it, in ms. */
function cpuPerQuery({ cpu, seen }: Measured): number {
	return cpu / seen.queries.length;
}

export const hostile: Scenario = {
	name: 'hostile',
	title: 'Hostile input and answers',
	async loads(quick) {
		const polling: Load = {
			way: 'node',
			items: 10,
			inFlight: 10,
			secondsPerTask: quick ? 6 : 40,
		};
		return [
			{ way: 'node', items: quick ? 10 : 40, inFlight: 10, secondsPerTask: 2, hostileLinks: true },
			{ ...polling, promptCharacters: SHORT_PROMPT },
			{ ...polling, promptCharacters: LONG_PROMPT },
			{ ...polling, items: 1, secondsPerTask: 6, hugeAnswerBytes: HUGE_ANSWER_BYTES },
		];
	},
	rows([links, shortPrompt, longPrompt, huge]) {
		const cpu = [shortPrompt, longPrompt].map(cpuPerQuery);
		return [
			limited(
				`${links.load.items} items with hostile links: longest stretch of the event loop`,
				links.loop.most,
				50,
				'ms',
			),
			limited(
				`CPU of a query with a prompt of ${LONG_PROMPT} characters to one of ${SHORT_PROMPT}`,
				cpu[1] / cpu[0],
				1.2,
				'',
				{ figure: `${rounded(cpu[1] / cpu[0])} (${cpu.map(rounded).join(' and ')} ms)` },
			),
			limited('an answer of 300 MB: memory growth', huge.memory.rss, 50, 'MB'),
		];
	},
};
