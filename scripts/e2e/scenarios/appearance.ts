// The node and its credential are found, look right, and the credential's Test says what is wrong.
/* eslint-disable @n8n/community-nodes/no-restricted-imports -- a script: it runs in Node, never in n8n */
import { deepEqual, equal, match } from 'node:assert/strict';
import { z } from 'zod';
import { API_KEY } from '../../../tools/n8n/furnish';
import { freePort } from '../../../tools/n8n/n8n';
import { until } from '../../../tools/n8n/rest';
import { chain } from '../../../tools/n8n/workflow';
import { close, listen, newServer, portOf } from '../../../tools/simulator/http';
import type { Scenario, World } from '../world';

const SEARCHES = ['happy horse', 'text to video', 'video'];

/** What people type who look for such a node, or for the services that it works with. */
const FINDS = [
	...['happyhorse', 'text2video', 'txt2vid', 'image to video', 'image2video', 'img2vid'],
	...['photo to video', 'picture to video', 'reference to video', 'video to video', 'ai video'],
	...['video generation', 'video generator', 'generate video', 'create video', 'make a video'],
	...['edit video', 'video editing', 'animate photo', 'animate image', 'animate picture'],
	...['animation', 'cartoon', 'film', 'short film', 'movie', 'trailer', 'commercial', 'storyboard'],
	...['reels', 'shorts', 'youtube shorts', 'tiktok', 'instagram', 'ugc', 'b-roll', 'video ad'],
	...['product video', 'vertical video', 'social media video', 'marketing video', 'music video'],
	...['join videos', 'stitch videos', 'imini', 'alibaba', 'model studio', 'dashscope', 'bailian'],
	...['qwen', 'tongyi', 'wan', 't2v', 'i2v'],
];

/** What must not bring it up: n8n's search takes any name that holds the letters in their order. */
const FINDS_OTHERS = [
	...['merge', 'wait', 'if', 'loop', 'set', 'filter', 'limit', 'split', 'http request', 'webhook'],
	...['schedule', 'slack', 'gmail', 'google sheets', 'notion', 'airtable', 'postgres', 'openai'],
];

/** It has to be among so many: what the panel shows without scrolling. */
const FIRST = 8;

export const appearance: Scenario = {
	name: 'appearance',
	needs: ['chromium'],
	checks: [checkIcons, checkCredentialTest, checkSearch, checkWords, checkCredentialPanel],
};

const typesShape = z.array(z.object({ name: z.string(), iconUrl: z.unknown() }));
const iconShape = z.object({ light: z.string(), dark: z.string() });

async function checkIcons({ n8n, rest }: World): Promise<void> {
	const { headers } = rest;
	const typesIn = async (file: string) =>
		typesShape.parse(await (await fetch(`${n8n.base}/types/${file}`, { headers })).json());
	const types = [...(await typesIn('nodes.json')), ...(await typesIn('credentials.json'))];
	for (const name of [
		'n8n-nodes-happyhorse.happyHorse',
		'n8n-nodes-happyhorse.happyHorseTool',
		'happyHorseApi',
	]) {
		const urls = iconShape.parse(types.find((type) => type.name === name)?.iconUrl);
		for (const [theme, url] of Object.entries(urls)) {
			const icon = await fetch(`${n8n.base}/${url}`, { headers });
			equal(icon.status, 200, `${theme} icon of ${name}`);
			match(icon.headers.get('content-type') ?? '', /svg/, `${theme} icon of ${name}`);
		}
	}
}

async function checkCredentialTest({ rest, simulator }: World): Promise<void> {
	const test = async (change: object) =>
		await rest.testCredential('happyHorseApi', {
			apiKey: API_KEY,
			baseUrl: simulator.baseUrl,
			...change,
		});
	const page = newServer().on('request', (_request, response) => response.end('<html>Welcome'));
	await listen(page, 0);
	const cases: Array<[change: object, status: string, says: RegExp]> = [
		[{}, 'OK', /./],
		[{ baseUrl: `${simulator.baseUrl}/` }, 'OK', /./],
		[{ apiKey: 'wrong' }, 'Error', /does not accept this API key/],
		[{ baseUrl: `http://127.0.0.1:${portOf(page)}` }, 'Error', /Base URL/],
		[{ baseUrl: `http://127.0.0.1:${await freePort()}` }, 'Error', /ECONNREFUSED|refused|connect/i],
	];
	try {
		for (const [change, status, says] of cases) {
			const answer = await test(change);
			equal(answer.status, status, `${JSON.stringify(change)}: ${answer.message}`);
			match(answer.message, says, JSON.stringify(change));
		}
	} finally {
		await close(page);
	}
	equal(simulator.tasks.size, 0, 'a credential test orders nothing');
}

async function checkSearch({ inEditor }: World): Promise<void> {
	const { editor, saved } = await inEditor(chain('Search'));
	for (const theme of ['light', 'dark'] as const) {
		await editor.setTheme(theme);
		await editor.openWorkflow(saved.id);
		for (const words of SEARCHES) {
			await editor.at('node-creator-plus-button').click();
			await editor.at('node-creator-search-bar').fill(words);
			const found = editor.at('node-creator-item-name').filter({ hasText: /^\s*HappyHorse\s*$/ });
			await found.first().waitFor();
			const icon = found.first().locator('xpath=ancestor::*[.//img][1]').locator('img').first();
			await until(
				async () => await icon.evaluate((image: HTMLImageElement) => image.naturalWidth > 0),
				`the icon in the search for ${words}`,
			);
			await editor.picture(`search-${words}-${theme}`);
			await editor.page.keyboard.press('Escape');
			await editor.page.keyboard.press('Escape');
		}
	}
	await editor.setTheme('light');
}

/** Asks the editor's own search for each word, and looks at what it lists. */
async function checkWords({ openEditor }: World): Promise<void> {
	const editor = await openEditor();
	await editor.at('node-creator-plus-button').click();
	const search = async (words: string) => {
		await editor.at('node-creator-search-bar').fill(words);
		await editor.settle();
		const names = await editor.at('node-creator-item-name').allInnerTexts();
		return names.map((name) => name.trim()).indexOf('HappyHorse');
	};
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
