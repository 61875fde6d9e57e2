// n8n's editor in headless Chromium, logged in; it can reach nothing but loopback.
/* eslint-disable @n8n/community-nodes/no-restricted-imports -- a script: it runs in Node, never in n8n */
// Types for what runs inside the browser
/// <reference lib="dom" />
/// <reference lib="dom.asynciterable" />
import { join } from 'node:path';
import { chromium, type Browser, type Locator, type Page } from 'playwright-core';
import { OWNER } from '../../tools/n8n/rest';

/** Ms that the page gets to draw a change: nothing tells when it has. */
const SETTLE_MS = 1000;

const id = (name: string) => `[data-test-id="${name}"]`;

export class Editor {
	private constructor(
		private readonly browser: Browser,
		readonly page: Page,
		private readonly base: string,
		private readonly output: string,
	) {}

	/** Opens it, and logs in. `base`: n8n's address; `output`: the folder for pictures. */
	static async open(base: string, output: string, executablePath: string): Promise<Editor> {
		const args = ['--disable-gpu', '--disable-quic'];
		const browser = await chromium.launch({ executablePath, args });
		const context = await browser.newContext({ viewport: { width: 1440, height: 1000 } });
		context.setDefaultTimeout(20_000);
		await context.route(/^https?:/, async (route) => {
			const { hostname } = new URL(route.request().url());
			await (hostname === '127.0.0.1' ? route.continue() : route.abort());
		});
		const page = await context.newPage();
		await page.goto(`${base}/signin`);
		await page.locator('input[name="emailOrLdapLoginId"]').fill(OWNER.email);
		await page.locator('input[name="password"]').fill(OWNER.password);
		await page.locator(id('form-submit-button')).click();
		await page.waitForURL(/\/(home|workflow)/);
		return new Editor(browser, page, base, output);
	}

	async close(): Promise<void> {
		await this.browser.close();
	}

	/** The elements with a test id. */
	at(name: string): Locator {
		return this.page.locator(id(name));
	}

	/** A node on the canvas. */
	node(name: string): Locator {
		return this.page.locator(`${id('canvas-node')}[data-node-name="${name}"]`);
	}

	async openWorkflow(workflowId: string): Promise<void> {
		await this.page.goto(`${this.base}/workflow/${workflowId}`);
		await this.at('canvas-node').first().waitFor();
	}

	/** Opens the panel of a node. */
	async openNode(name: string): Promise<void> {
		await this.node(name).dblclick();
		await this.at('node-parameters').first().waitFor();
	}

	/** Closes the panel of the node that is open. */
	async closeNode(): Promise<void> {
		await this.at('ndv-close-button').or(this.at('back-to-canvas')).first().click();
		await this.settle();
	}

	/** What the panel shows of the node's parameters, by name; switches as booleans, others as their texts. */
	async fields(): Promise<Record<string, string | boolean | undefined>> {
		await this.settle();
		const inputs = this.page.locator(
			'[data-test-id="node-parameters"] [data-test-id^="parameter-input-"]',
		);
		const found = await inputs.evaluateAll((elements) =>
			elements
				// Hidden ones have no parent to be placed in
				.filter((element) => element instanceof HTMLElement && element.offsetParent !== null)
				.map((element) => {
					const toggle = element.querySelector('[role="switch"]');
					const name = (element.getAttribute('data-test-id') ?? '').slice(
						'parameter-input-'.length,
					);
					const input = element.querySelector<HTMLInputElement>('input, textarea');
					const value = toggle ? toggle.getAttribute('aria-checked') === 'true' : input?.value;
					return [name, value] as const;
				}),
		);
		// A text field holds a second element of that kind
		return Object.fromEntries(found.filter(([name]) => name !== 'field' && name !== 'item'));
	}

	/** Chooses an entry of a drop-down list by its label. */
	async choose(parameter: string, label: string): Promise<void> {
		const input = this.at(`parameter-input-${parameter}`).first();
		if ((await input.locator('input').inputValue()) === label) return;
		await input.click();
		await this.page
			.locator('[data-test-id="parameter-input-item"]:visible')
			.filter({ has: this.page.getByText(label, { exact: true }) })
			.first()
			.click();
		await this.settle();
	}

	/** The labels in the list "Add Option". In n8n 1.x it carries no test ids. */
	async optionsOnOffer(): Promise<string[]> {
		const add = this.at('collection-parameter-add').or(this.page.getByPlaceholder('Add Option'));
		await add.first().click();
		const options = `${id('collection-parameter-option')}, .el-select-dropdown__item`;
		const entries = this.page.locator(`:is(${options}):visible`);
		await entries.first().waitFor();
		const labels = await entries.allInnerTexts();
		await this.page.keyboard.press('Escape');
		return labels.map((label) => label.trim());
	}

	/** Clicks the first element with a test id. */
	async click(name: string): Promise<void> {
		await this.at(name).first().click();
		await this.settle();
	}

	/** Whether the output of the node whose panel is open can be pinned. */
	async canPin(): Promise<boolean> {
		const pin = this.at('ndv-pin-data').first();
		return (await pin.count()) > 0 && (await pin.isEnabled());
	}

	/** Waits for a file in the output of the node whose panel is open. Returns the button that shows it. */
	async fileInOutput(): Promise<Locator> {
		const output = this.at('output-panel');
		await output.getByText('Binary', { exact: true }).first().click({ timeout: 60_000 });
		const view = output.getByRole('button', { name: 'View' }).first();
		await view.waitFor();
		return view;
	}

	/** Waits for a text in the output of the node whose panel is open. */
	async waitForOutput(text: string | RegExp): Promise<void> {
		await this.at('output-panel').getByText(text).first().waitFor();
	}

	/** Imports a file into a new workflow. */
	async importWorkflow(file: string): Promise<void> {
		await this.page.goto(`${this.base}/workflow/new`);
		await this.at('canvas-background').or(this.at('canvas-wrapper')).first().waitFor();
		await this.settle();
		await this.at('workflow-import-input').setInputFiles(file);
	}

	/** The names of the nodes with a red sign, and the notices at the edge of the page. */
	async complaints(): Promise<Array<string | null>> {
		const names = await this.page
			.locator(`${id('canvas-node')}:has(${id('node-issues')})`)
			.evaluateAll((nodes) => nodes.map((node) => node.getAttribute('data-node-name')));
		return [...names, ...(await this.page.locator('.el-notification').allInnerTexts())];
	}

	/** Waits until the page has drawn what just changed. */
	async settle(): Promise<void> {
		await this.page.waitForTimeout(SETTLE_MS);
	}

	/** Takes a picture of the page; `name` in lower case, with hyphens, is that of its file. */
	async picture(name: string): Promise<void> {
		const path = join(this.output, `${name.toLowerCase().replaceAll(' ', '-')}.png`);
		await this.page.screenshot({ path, animations: 'disabled' });
	}
}
