// An input item for the tests of what reads one.
import type { OrderRules } from '../../nodes/HappyHorse/request/video';
import { IMINI_LIMITS } from '../../nodes/HappyHorse/service/imini/imini';
import type { InputFile, InputItem } from '../../nodes/HappyHorse/request/inputItem';

export const LINK = 'https://a.example/1.png';
export const VIDEO = 'https://a.example/1.mp4';

/** What an order is checked against, unless a test says otherwise. */
export const RULES: OrderRules = {
	limits: IMINI_LIMITS,
	reach: 'internet',
	uploadsVideos: false,
	ownParameters: [],
	waits: true,
};

/** A file of an input item. */
export function fileOf(
	content: Buffer,
	signedLink = () => 'https://n8n.example.com/signed?token=1',
): InputFile {
	return {
		name: '"a.png" (field "data")',
		fileName: 'a.png',
		id: undefined,
		size: async () => content.length,
		open: async () => [content],
		signedLink,
	};
}

/** An input item where every parameter is set, also those that a mode does not know. */
export function itemOf(
	values: Record<string, unknown>,
	files: Record<string, InputFile> = {},
): InputItem {
	const all: Record<string, unknown> = {
		prompt: 'character1 rides',
		imageUrl: LINK,
		videoUrl: VIDEO,
		'referenceImages.image': [{ source: 'url', url: LINK }],
		audioSetting: 'origin',
		resolution: '720P',
		aspectRatio: '9:16',
		duration: 7,
		...values,
	};
	const item: InputItem = {
		value(parameter) {
			if (parameter in all) return all[parameter];
			const [, rows = '', at, name = ''] = /^(.+)\[(\d+)\]\.(\w+)$/.exec(parameter) ?? [];
			const given: unknown = Object(Object(all[rows])[Number(at)])[name];
			return given === null ? '' : given;
		},
		isExpression: () => false,
		lasting: () => item,
		file: (field) => files[String(field)],
	};
	return item;
}
