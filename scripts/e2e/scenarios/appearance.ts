// The node and its credential are found, and look right.
/* eslint-disable @n8n/community-nodes/no-restricted-imports -- a script: it runs in Node, never in n8n */
import { deepEqual } from 'node:assert/strict';
import { until } from '../../../tools/n8n/rest';
import { chain } from '../../../tools/n8n/workflow';
import type { Scenario, World } from '../world';

/** What people type who look for such a node, or for the services that it works with. */
const FINDS = `
	happy horse, happyhorse, video, text to video, text2video, txt2vid, image to video,
	image2video, img2vid, photo to video, picture to video, reference to video, video to video,
	ai video, video generation, video generator, generate video, create video, make a video,
	edit video, video editing, animate photo, animate image, animate picture, animation, cartoon,
	film, short film, movie, trailer, commercial, storyboard, reels, shorts, youtube shorts,
	tiktok, instagram, ugc, b-roll, video ad, product video, vertical video, social media video,
	marketing video, music video, join videos, stitch videos, imini, alibaba, model studio,
	dashscope, bailian, qwen, tongyi, wan, t2v, i2v`
	.trim()
	.split(/,\s+/);

/** What must not bring it up: n8n's search takes any name that holds the letters in their order. */
const FINDS_OTHERS = `
	merge, wait, if, loop, set, filter, limit, split, http request, webhook, schedule, slack,
	gmail, google sheets, notion, airtable, postgres, openai`
	.trim()
	.split(/,\s+/);

/** It has to be among so many: what the panel shows without scrolling. */
const FIRST = 8;

export const appearance: Scenario = {
	name: 'appearance',
	needs: ['chromium'],
	checks: [checkSearch, checkCredentialPanel],
};

/** Asks the editor's own search for each word, and looks at what it lists, and at the icon in both themes. */
async function checkSearch({ inEditor }: World): Promise<void> {
	const { editor, saved } = await inEditor(chain('Search'));
	const names = editor.at('node-creator-item-name');
	const search = async (words: string) => {
		await editor.at('node-creator-search-bar').fill(words);
		await editor.settle();
		return (await names.allInnerTexts()).map((name) => name.trim()).indexOf('HappyHorse');
	};
	for (const theme of ['dark', 'light'] as const) {
		await editor.page.emulateMedia({ colorScheme: theme });
		await editor.openWorkflow(saved.id);
		await editor.click('node-creator-plus-button');
		const found = names.nth(await search('text to video'));
		const icon = found.locator('xpath=ancestor::*[.//img][1]').locator('img').first();
		const width = async () => await icon.evaluate((image: HTMLImageElement) => image.naturalWidth);
		await until(async () => (await width()) > 0, `the icon in the search, ${theme}`);
		await editor.picture(`search-${theme}`);
	}
	const missed: string[] = [];
	for (const words of FINDS) {
		const place = await search(words);
		if (place === -1 || place >= FIRST) missed.push(`${words}: ${place}`);
	}
	for (const words of FINDS_OTHERS) {
		if ((await search(words)) !== -1) missed.push(`${words} finds it`);
	}
	deepEqual(missed, []);
	await editor.page.keyboard.press('Escape');
}

async function checkCredentialPanel({ n8n, credential, openEditor }: World): Promise<void> {
	const editor = await openEditor();
	await editor.page.goto(`${n8n.base}/home/credentials/${credential.id}`);
	await editor.page.getByText('Connection tested successfully').waitFor();
	await editor.picture('credential');
}
