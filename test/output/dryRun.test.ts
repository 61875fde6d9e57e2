// A dry run's item without n8n: what an order can't be shown for is a failure like any other.
import type { IExecuteFunctions } from 'n8n-workflow';
import { invalidInput } from '../../nodes/HappyHorse/domain/failure';
import type { DryRun, Order } from '../../nodes/HappyHorse/domain/order';
import { dryRunItem } from '../../nodes/HappyHorse/output/dryRun';
import { SERVICES } from '../../nodes/HappyHorse/service';
import { jobOf, videoFile } from '../task/scriptedRun';

const noContext = {} as IExecuteFunctions;
const run = { executionId: '1', runIndex: 0 };

function dryRunOf(order: Order): DryRun {
	const { item, mode, settings, prompt } = jobOf(0, { download: false });
	return { item, mode, settings, prompt, order };
}

/** The file's, and that of a video at 720P. */
const FILE = { width: 1080, height: 1440 };
const SHAPE = { width: 720, height: 960 };

const edit = (link: () => string, seconds?: number): Order => ({
	mode: 'editVideo',
	prompt: 'Snow',
	resolution: '720P',
	images: [],
	video: videoFile({ link, seconds, pixels: seconds === undefined ? undefined : FILE }),
});

it('a file that can no longer be linked fails the item in the words of the check', async () => {
	const gone = invalidInput("The video a.mp4 can't be handed to the service", 'Use its URL.');
	const link = () => {
		throw gone;
	};
	const result = await dryRunItem(noContext, SERVICES[0].offer, dryRunOf(edit(link)), run);
	expect(result).toEqual({ ok: false, failure: gone });
});

it.each([
	[8.126, 8.13, SHAPE],
	[40, 15, SHAPE],
	[undefined, 15, { width: 1280, height: 720 }],
])(
	'an edit of %s seconds would have %s, in the shape of its file',
	async (seconds, duration, shape) => {
		const link = () => 'https://n8n.example.com/signed?token=1';
		const result = await dryRunItem(
			noContext,
			SERVICES[0].offer,
			dryRunOf(edit(link, seconds)),
			run,
		);
		expect(result).toMatchObject({
			ok: true,
			value: { json: { duration, would_order_seconds: 15, ...shape } },
		});
	},
);

it('the same item of another run has another task id', async () => {
	const idOf = async (runIndex: number) => {
		const order: Order = { mode: 'textToVideo', prompt: 'A', resolution: '720P', images: [] };
		const result = await dryRunItem(noContext, SERVICES[0].offer, dryRunOf(order), {
			...run,
			runIndex,
		});
		return result.ok ? result.value.json.task_id : undefined;
	};
	expect(await idOf(0)).toBe(await idOf(0));
	expect(await idOf(0)).not.toBe(await idOf(1));
});
