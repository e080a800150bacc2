import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { after, before, test } from 'node:test';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { openBrowser } from '../../bench/pictures/browser.ts';
import { BrokerProcess, until } from '../support/broker-process.ts';
import { findPart, requirePart } from '../support/requirements.ts';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const EVIL = '<img src=x onerror=alert(1)>';
const CONFIG = `
models:
  - { name: steady, version: 1, container: synthetic, options: { per_batch_ms: 1, per_row_ms: 0.1 }, input: { dtype: float32, shape: [2] }, output: { kind: label, class_names: ["${EVIL}", b] }, labels: [stable] }
  - { name: steady, version: 2, container: synthetic, input: { dtype: float32, shape: [2] }, output: { kind: label } }
  - { name: slow, version: 3, container: synthetic, options: { per_batch_ms: 60 }, input: { dtype: float32, shape: [2] }, output: { kind: label } }
  - { name: broken, version: 1, container: { command: [node, -e, "console.error('${EVIL}'); process.exit(3)"] }, input: { dtype: float32, shape: [2] }, output: { kind: label } }
rules:
  - { model: steady, version_policy: { specific: [1] } }
apps:
  - { name: steady, arms: [steady, slow], slo_ms: 500, default: -1, journal: { keep: true } }
  - { name: tight, arms: [slow], policy: static, slo_ms: 20, default: -1 }
  - { name: gone, arms: [broken], policy: static, slo_ms: 20, default: -1 }
`;
const skip = requirePart('chromium');

let broker: BrokerProcess;
let browser: Browser;
let traffic: Promise<void>;
let stop = false;
/** What is opened before the first test ends after the last one. */
const endings: (() => Promise<void>)[] = [];

before(async () => {
  if (skip !== false) return;
  broker = await BrokerProcess.start({ after: (run) => void endings.push(run) }, { yaml: CONFIG });
  await until('ready', async () => (await broker.replicas()).filter(({ state }) => state === 'ready').length === 2);
  traffic = ask();
  browser = await openBrowser(findPart('chromium') ?? '');
});

after(async () => {
  stop = true;
  await browser?.close();
  await traffic;
  for (const end of endings) await end();
});

/** A few queries at a time, for as long as the tests run; an answer that teaches, too. Ends with the broker, whatever ended that. */
async function ask(): Promise<void> {
  while (!stop) {
    await Promise.allSettled(['steady', 'steady', 'tight', 'gone'].map(async (app) => {
      const { json } = await broker.predict(app, { input: [1, 2] });
      if (app === 'steady') await fetch(`${broker.url}/v1/feedback`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ decision_id: json.decision_id, reward: 1 }) });
    }));
  }
}

/** A page that may complain of nothing, and on which nothing of a model's may run. */
async function opened(options: Parameters<Browser['newContext']>[0] = {}): Promise<{ page: Page; context: BrowserContext; complaints: string[] }> {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => { if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text()); });
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('dialog', (dialog) => { complaints.push(`a dialog: ${dialog.message()}`); void dialog.dismiss(); });
  page.on('request', (request) => { if (!request.url().startsWith(broker.url) && !request.url().startsWith('data:')) complaints.push(`asks ${request.url()}`); });
  return { page, context, complaints };
}

/** What axe holds against the page by WCAG 2.2, levels A and AA. */
async function axeFaults(page: Page): Promise<string[]> {
  // The page's policy lets no script of others in; the debugger may.
  await page.evaluate(AXE);
  const { violations } = await page.evaluate<{ violations: { id: string; nodes: { html: string; failureSummary: string }[] }[] }>(
    "axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })");
  return violations.flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`));
}

const VIEWS = [
  { hash: '#/', sees: 'text=/of answers are defaults/' },
  { hash: '#/app/steady', sees: 'td.bar .num' },
  { hash: '#/model/steady@1', sees: 'svg.batches .mean' },
  { hash: '#/model/steady@2', sees: 'figure.blank >> text=Nothing in this time.' },
  { hash: '#/model/broken@1', sees: 'text=/crash loop|waits to start again/' },
  { hash: '#/troubles', sees: 'text=/replica died/' },
] as const;

for (const look of [{ name: 'light and wide', colorScheme: 'light', viewport: { width: 1360, height: 900 } }, { name: 'dark and narrow', colorScheme: 'dark', viewport: { width: 390, height: 844 } }] as const) {
  test(`every view can be read by everybody, ${look.name}`, { skip }, async () => {
    const { page, context, complaints } = await opened({ colorScheme: look.colorScheme, viewport: look.viewport });
    for (const { hash, sees } of VIEWS) {
      await page.goto(`${broker.url}/dashboard${hash}`);
      await page.locator(sees).first().waitFor();
      const faults = (await axeFaults(page));
      assert.deepEqual(faults, [], `${hash}, ${look.name}`);
      const wider = await page.evaluate<number>('document.documentElement.scrollWidth - document.documentElement.clientWidth');
      assert.equal(wider, 0, `${hash} is ${wider} px wider than the screen`);
    }
    assert.deepEqual(complaints, []);
    await context.close();
  });
}

test('what is wrong is said in words, and what models print is text', { skip }, async () => {
  const { page, context, complaints } = await opened();
  await page.goto(`${broker.url}/dashboard`);
  const tight = page.locator('.findings li', { hasText: 'tight' });
  await tight.getByText('The model cannot answer in time even alone; p99 of a batch past 20 ms: slow@3', { exact: false }).waitFor();
  await page.locator('.findings li', { hasText: 'no replica is ready' }).first().waitFor();
  await tight.getByRole('link').click();
  await page.getByRole('heading', { name: 'tight', level: 1 }).waitFor();
  assert.equal(await page.evaluate('document.activeElement.tagName'), 'H1');
  assert.equal(await page.title(), 'tight · Tradewind');
  await page.goto(`${broker.url}/dashboard#/model/broken@1`);
  await page.getByText('last output').click();
  await page.getByText(EVIL, { exact: true }).waitFor();
  assert.deepEqual(complaints, []);
  await context.close();
});

test('a version that the rules let rest is nothing that is wrong', { skip }, async () => {
  const { page, context, complaints } = await opened();
  await page.goto(`${broker.url}/dashboard`);
  await page.locator('tr', { hasText: 'steady@2' }).getByText('none wanted').waitFor();
  assert.equal(await page.locator('.findings li', { hasText: 'steady@2' }).count(), 0);
  await page.goto(`${broker.url}/dashboard#/model/steady@2`);
  await page.getByText('No replica is wanted of it', { exact: false }).waitFor();
  await page.getByText('Nothing was sent yet', { exact: false }).waitFor();
  assert.deepEqual(complaints, []);
  await context.close();
});

test('a decision is explained', { skip }, async () => {
  const { page, context, complaints } = await opened();
  const { json } = await broker.predict('steady', { input: [1, 2] });
  await page.goto(`${broker.url}/dashboard#/app/steady`);
  const form = page.getByLabel('decision_id of an answer');
  await form.fill(json.decision_id ?? '');
  await form.press('Enter');
  await page.getByText('decided among steady and slow', { exact: false }).waitFor();
  await page.getByText('answered', { exact: false }).first().waitFor();
  assert.deepEqual(complaints, []);
  await context.close();
});

test('an operator scales and restarts by keyboard, and colours and spans can be chosen', { skip }, async () => {
  const { page, context, complaints } = await opened();
  await page.goto(`${broker.url}/dashboard#/model/steady@1`);
  await page.getByRole('button', { name: 'Scale …' }).press('Enter');
  await page.getByLabel('replicas', { exact: true }).fill('2');
  await page.keyboard.press('Enter');
  await page.getByText('steady@1 is to have 2 replicas.').waitFor();
  await page.getByText('2 of 2 replicas ready', { exact: false }).waitFor();
  await page.getByRole('button', { name: /^Restart steady@1/ }).first().press('Enter');
  await page.getByRole('button', { name: 'Restart', exact: true }).last().press('Enter');
  await page.getByText('is being replaced', { exact: false }).waitFor();
  const background = (): Promise<string> => page.evaluate<string>('getComputedStyle(document.body).backgroundColor');
  const light = await background();
  await page.getByRole('button', { name: /^Colours/ }).click();
  await page.getByRole('button', { name: /^Colours: Light/ }).click();
  assert.notEqual(await background(), light);
  await page.getByRole('button', { name: '1 day' }).click();
  assert.equal(await page.getByRole('button', { name: '1 day' }).getAttribute('aria-pressed'), 'true');
  await page.goto(`${broker.url}/dashboard#/nowhere`);
  await page.getByRole('heading', { name: 'Overview', level: 1 }).waitFor();
  assert.deepEqual(complaints, []);
  await context.close();
});

test('where a token is needed nothing is shown without it', { skip }, async (t) => {
  const locked = await BrokerProcess.start(t, { yaml: 'admin: { token_file: token }\napps: []\nmodels: []\n', files: { token: 'a-long-secret-of-admin-0123456789\n' } });
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(`${locked.url}/dashboard`);
  await page.getByText('token needed').waitFor();
  await page.getByRole('button', { name: 'Token …' }).click();
  await page.getByLabel('token', { exact: true }).fill('a-long-secret-of-admin-0123456789');
  await page.keyboard.press('Enter');
  await page.getByText('0 model versions are ready; nobody asks.').waitFor();
  assert.doesNotMatch(await page.evaluate<string>('location.href + JSON.stringify(localStorage)'), /secret/);
  await context.close();
});

test('a stream ends with the broker, and the page finds the next one', { skip }, async (t) => {
  const first = await BrokerProcess.start(t, { yaml: 'apps: []\nmodels: []\n' });
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(`${first.url}/dashboard`);
  await page.locator('.connection.live').waitFor();
  await first.stop();
  await page.locator('.connection.lost').waitFor();
  const again = await BrokerProcess.start(t, { configFile: first.configFile, folder: first.folder, env: { TRADEWIND_LISTEN_HTTP: new URL(first.url).host } });
  await page.locator('.connection.live').waitFor();
  assert.equal(again.url, first.url);
  await context.close();
});
