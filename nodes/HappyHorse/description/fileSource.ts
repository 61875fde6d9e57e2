// The choice between a link and a file of the input item, the same wherever a picture or a video goes in.
import type { INodePropertyOptions } from 'n8n-workflow';

/** Entries of a drop-down list that asks where a file comes from. */
export function fileSource(file: 'image' | 'video'): INodePropertyOptions[] {
	return [
		{ name: 'URL', value: 'url', description: `A link to the ${file}` },
		{ name: 'Binary File', value: 'binary', description: 'A file in the input item' },
	];
}
