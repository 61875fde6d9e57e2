// What n8n's AI builder and Assistant are told of the node. n8n before 2.35 or so does not know such hints, and passes them over.

/**
 * A hint for one field or operation, to be spread into it: the types of the oldest n8n that is supported do not have the
 * property. No expressions in it: the builder would copy them.
 */
export function propertyHint(text: string): { builderHint: { propertyHint: string } } {
	return { builderHint: { propertyHint: text } };
}

/** The hint for the whole node, and the nodes that go with it. */
export const nodeHint = {
	builderHint: {
		searchHint:
			'Makes videos with AI from text, a first frame, reference images, or another video. It orders, waits until each video is finished and downloads it by itself: never build a Wait node, a polling loop, an If on a status or an HTTP Request around it. All input items run at once: no Loop Over Items. Each video costs money: set options.dryRun to true while building, and tell the user to turn it off when all is ready. For one film of several clips, put a second node of this type behind it, with resource film and operation join.',
		relatedNodes: [
			{
				nodeType: 'n8n-nodes-base.splitOut',
				relationHint:
					'Makes one item of each prompt or shot in a list: each item becomes one video',
			},
			{
				nodeType: 'n8n-nodes-base.editImage',
				relationHint: 'Resize and Crop make an image fit what the models take',
			},
		],
	},
};
