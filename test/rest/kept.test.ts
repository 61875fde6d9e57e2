// What a run keeps over its rest: saved with the execution, read again, and never half understood.
import { keep, keptIn, type Resting } from '../../nodes/HappyHorse/rest/kept';

const resting: Resting = {
	version: 1,
	kind: 'resting',
	execution: '7',
	run: 0,
	token: 'token',
	failedTries: 0,
	startedAt: 0,
	until: 1,
	finished: { 0: { json: { video_url: 'x' } } },
	orderedSeconds: { 0: 3 },
	takenOver: [],
	unsure: [],
};

const saved = (context: object): Record<string, unknown> => JSON.parse(JSON.stringify(context));

it('is the same after it was saved', () => {
	const context = {};
	keep(context, resting);
	expect(keptIn(saved(context))).toEqual(resting);
});

it('leaves nothing behind when it is dropped', () => {
	const context = {};
	keep(context, resting);
	keep(context, undefined);
	expect(context).toEqual({});
});

it.each([
	['a later version', { ...resting, version: 2 }],
	['something else', 'happyHorse'],
	['a part is missing', { ...resting, until: undefined }],
])('is not taken for nothing where it can not be read: %s', (_what, there) => {
	const context = {};
	keep(context, resting);
	const [slot] = Object.keys(context);
	const changed = { [slot]: there };
	expect(keptIn(changed)).toEqual({ kind: 'unreadable' });
	expect(keptIn({})).toBeUndefined();
});
