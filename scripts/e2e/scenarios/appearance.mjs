// The node and its credential are found, look right, and the credential's Test says what is wrong.
import { equal, match, ok } from 'node:assert/strict';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { freePort } from '../n8n.mjs';
import { API_KEY, chain } from '../world.mjs';

const SEARCHES = ['happy horse', 'text to video', 'video'];

export async function run(world) {
	await checkIcons(world);
	await checkCredentialTest(world);
	await checkSearch(world);
	await checkCredentialPanel(world);
}

async function checkIcons({ n8n, rest }) {
	const nodes = await (
		await fetch(`${n8n.base}/types/nodes.json`, { headers: rest.headers })
	).json();
	const credentials = await (
		await fetch(`${n8n.base}/types/credentials.json`, { headers: rest.headers })
	).json();
	const shown = [
		nodes.find(({ name }) => name === 'n8n-nodes-happyhorse.happyHorse'),
		nodes.find(({ name }) => name === 'n8n-nodes-happyhorse.happyHorseTool'),
		credentials.find(({ name }) => name === 'happyHorseApi'),
	];
	for (const { name, iconUrl } of shown) {
		for (const theme of ['light', 'dark']) {
			const icon = await fetch(`${n8n.base}/${iconUrl[theme]}`, { headers: rest.headers });
			equal(icon.status, 200, `${theme} icon of ${name}`);
			match(icon.headers.get('content-type'), /svg/, `${theme} icon of ${name}`);
		}
	}
}

async function checkCredentialTest({ rest, simulator }) {
	const test = async (change) =>
		await rest.testCredential('happyHorseApi', {
			apiKey: API_KEY,
			baseUrl: simulator.baseUrl,
			...change,
		});
	const page = createServer((_request, response) => response.end('<html>Welcome</html>'));
	await new Promise((resolve) => page.listen(0, '127.0.0.1', resolve));
	const cases = [
		[{}, 'OK', /./],
		[{ baseUrl: `${simulator.baseUrl}/` }, 'OK', /./],
		[{ apiKey: 'wrong' }, 'Error', /does not accept this API key/],
		[{ baseUrl: `http://127.0.0.1:${page.address().port}` }, 'Error', /Base URL/],
		[{ baseUrl: `http://127.0.0.1:${await freePort()}` }, 'Error', /ECONNREFUSED|refused|connect/i],
	];
	try {
		for (const [change, status, says] of cases) {
			const answer = await test(change);
			equal(answer.status, status, `${JSON.stringify(change)}: ${answer.message}`);
			match(answer.message, says, JSON.stringify(change));
		}
	} finally {
		page.close();
	}
	equal(simulator.tasks.size, 0, 'a credential test orders nothing');
}

async function checkSearch(world) {
	const editor = await world.openEditor();
	const saved = await world.rest.createWorkflow(chain('Search'));
	for (const theme of ['light', 'dark']) {
		await editor.setTheme(theme);
		await editor.openWorkflow(saved.id);
		for (const words of SEARCHES) {
			await editor.at('node-creator-plus-button').click();
			await editor.at('node-creator-search-bar').fill(words);
			const found = editor.page
				.locator('[data-test-id="node-creator-item-name"]')
				.filter({ hasText: /^\s*HappyHorse\s*$/ });
			await found.first().waitFor();
			const icon = found.first().locator('xpath=ancestor::*[.//img][1]').locator('img').first();
			ok(
				await icon.evaluate((image) => image.naturalWidth > 0),
				`the icon in the search for ${words}`,
			);
			await editor.screenshot(
				join(world.output, `search-${words.replaceAll(' ', '-')}-${theme}.png`),
			);
			await editor.page.keyboard.press('Escape');
			await editor.page.keyboard.press('Escape');
		}
	}
	await editor.setTheme('light');
}

async function checkCredentialPanel({ n8n, credential, output, openEditor }) {
	const editor = await openEditor();
	await editor.page.goto(`${n8n.base}/home/credentials/${credential.id}`);
	await editor.page.getByText('Connection tested successfully').waitFor();
	await editor.screenshot(join(output, 'credential.png'));
}
