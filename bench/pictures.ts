import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Browser } from 'playwright-core';
import { openBrowser } from './pictures/browser.ts';
import { openScene, type Scene } from './pictures/scene.ts';
import { say } from './report/write.ts';

const HELP = `Takes the README's pictures of the dashboard: a broker with traffic and faults, looked at with Chromium.

  node bench/pictures.ts

  --out FOLDER       deploy/pictures unless given
  --seconds S        of traffic before the first picture; 100 unless given
  --chromium FILE    /usr/bin/chromium unless given
`;

interface Shot {
  readonly file: string;
  readonly hash: string;
  readonly colorScheme: 'light' | 'dark';
  readonly width: number;
  readonly height: number;
  /** All of the page, however long it is. */
  readonly whole?: boolean;
}

const SHOTS: readonly Shot[] = [
  { file: 'dashboard-overview.png', hash: '#/', colorScheme: 'light', width: 1200, height: 1000, whole: true },
  { file: 'dashboard-app.png', hash: '#/app/digits', colorScheme: 'dark', width: 1200, height: 1000, whole: true },
  { file: 'dashboard-model.png', hash: '#/model/ranker@7', colorScheme: 'light', width: 1200, height: 700, whole: true },
  { file: 'dashboard-phone.png', hash: '#/', colorScheme: 'dark', width: 390, height: 844 },
];
/** Charts are drawn, and what is asked for apart has come. */
const SETTLE_MS = 4_000;

async function takeShot(browser: Browser, scene: Scene, { file, hash, colorScheme, width, height, whole = false }: Shot, folder: string): Promise<void> {
  const context = await browser.newContext({ colorScheme, viewport: { width, height } });
  try {
    const page = await context.newPage();
    await page.goto(`${scene.broker.url}/dashboard${hash}`);
    await page.locator('.connection.live').waitFor();
    if (hash.startsWith('#/app/')) {
      await page.locator('#decision').fill(scene.decisionId());
      await page.locator('#decision').press('Enter');
      await page.locator('.told p').first().waitFor();
      await page.evaluate('scrollTo(0, 0); document.activeElement.blur()');
    }
    await page.waitForTimeout(SETTLE_MS);
    await page.screenshot({ path: join(folder, file), fullPage: whole });
    say(file);
  } finally {
    await context.close();
  }
}

const { values } = parseArgs({ options: { out: { type: 'string' }, seconds: { type: 'string', default: '100' }, chromium: { type: 'string', default: '/usr/bin/chromium' }, help: { type: 'boolean', default: false } } });

if (values.help) {
  process.stdout.write(HELP);
} else {
  const folder = values.out ?? fileURLToPath(new URL('../deploy/pictures', import.meta.url));
  mkdirSync(folder, { recursive: true });
  const browser = await openBrowser(values.chromium);
  try {
    const scene = await openScene();
    try {
      await new Promise((resolve) => setTimeout(resolve, Number(values.seconds) * 1_000));
      for (const shot of SHOTS) await takeShot(browser, scene, shot, folder);
    } finally {
      await scene.close();
    }
  } finally {
    await browser.close();
  }
}
