// What the finished video looks like: fields that several video operations share.
import type { INodeProperties, INodePropertyOptions } from 'n8n-workflow';
import type { Limits } from '../domain/limits';
import { ORDER_DEFAULTS } from '../domain/limits';
import { SERVICES } from '../service';
import { byName, field, shownWhen } from './fields';
import { propertyHint } from './hints';
import { forEachService, limit } from './services';

const { aspectRatio, durationSeconds, resolution } = ORDER_DEFAULTS;

const RATIO_LABELS = {
	'16:9': { name: '16:9 (Landscape)', description: 'Television, YouTube' },
	'9:16': { name: '9:16 (Portrait)', description: 'Phones, Shorts, Reels, TikTok' },
	'1:1': { name: '1:1 (Square)' },
	'4:3': { name: '4:3 (Landscape)' },
	'3:4': { name: '3:4 (Portrait)' },
	'4:5': { name: '4:5 (Portrait)', description: 'Instagram' },
	'5:4': { name: '5:4 (Landscape)' },
	'9:21': { name: '9:21 (Tall)' },
	'21:9': { name: '21:9 (Wide)', description: 'Cinema' },
};

const RESOLUTION_LABELS = {
	'480P': { name: '480p', description: 'For drafts, where your account offers it' },
	'720P': { name: '720p', description: 'HD' },
	'1080P': { name: '1080p', description: 'Full HD' },
};

/** The operations that make a video from nothing or from images: an edit takes its length from its source. */
const GENERATIONS = ['textToVideo', 'imageToVideo', 'referenceToVideo'];

/**
 * The entries of a drop-down list, each shown where the chosen service, with the chosen version of its model, takes it:
 * in the order of their labels, which default to the value.
 */
function choicesByVersion(
	valuesOf: (limits: Limits) => Limits['aspectRatios'],
	labels: Readonly<Record<string, Pick<INodePropertyOptions, 'name' | 'description'>>>,
): INodePropertyOptions[] {
	const takers = SERVICES.map(({ name, offer }) => ({ name, values: valuesOf(offer.limits) }));
	const all = new Set(takers.flatMap(({ values }) => Object.values(values).flat()));
	const choices = [...all].flatMap((value): INodePropertyOptions[] => {
		const choice = { ...(labels[value] ?? { name: value }), value };
		const shows = takers.map(({ name, values }) => {
			const versions = Object.keys(values).filter((version) => values[version].includes(value));
			const isAlways = versions.length === Object.keys(values).length;
			return { name, versions, isAlways };
		});
		if (shows.every(({ isAlways }) => isAlways)) return [choice];
		return shows
			.filter(({ versions }) => versions.length > 0)
			.map(({ name, versions, isAlways }) => {
				const version = { '/modelVersion': versions, '/operation': GENERATIONS };
				const show = { '/service': [name], ...(isAlways ? {} : version) };
				return { ...choice, displayOptions: { show } };
			});
	});
	return choices.sort(byName);
}

/** Model Version, of a service that has several: it belongs to the service, and stands below it. */
export const modelVersion: INodeProperties[] = forEachService(
	({ modelVersions }) => (modelVersions.length > 1 ? modelVersions : undefined),
	([usual, ...others], { name }) =>
		field('Model Version', 'modelVersion', usual, {
			options: [usual, ...others].map((version) => ({ name: version, value: version })),
			description: 'Which HappyHorse model makes the video: the first is the newest',
			displayOptions: { show: { service: [name], resource: ['video'], operation: GENERATIONS } },
		}),
);

const RATIO_LIST = limit(({ aspectRatios }) =>
	[...new Set(Object.values(aspectRatios).flat())].join(', '),
);

/** Resolution, aspect ratio and duration, each for the operations that take it. */
export const videoFormat: INodeProperties[] = shownWhen({ resource: ['video'] }, [
	field('Resolution', 'resolution', resolution, {
		options: choicesByVersion(({ resolutions }) => resolutions, RESOLUTION_LABELS),
		description: 'How sharp the video is: 1080p costs more',
	}),
	field('Aspect Ratio', 'aspectRatio', aspectRatio, {
		options: choicesByVersion(({ aspectRatios }) => aspectRatios, RATIO_LABELS),
		description: 'Width to height of the video',
		...propertyHint(`Takes ${RATIO_LIST}`),
		displayOptions: { show: { operation: ['textToVideo', 'referenceToVideo'] } },
	}),
	field('Duration (Seconds)', 'duration', durationSeconds, {
		hint: limit(({ durationSeconds: { min, max } }) => `${min} to ${max} seconds`),
		description: 'Length of the video in whole seconds: each one costs credits',
		displayOptions: { show: { operation: GENERATIONS } },
	}),
]);
