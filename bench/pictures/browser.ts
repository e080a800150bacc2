import { chromium, type Browser } from 'playwright-core';

/** Headless, and asking nobody outside. `--no-sandbox`: it is root who runs it in a container, and it opens our own page only. */
const FLAGS = Object.freeze([
  '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--hide-scrollbars',
]);

/** Debian's Chromium under Playwright's hands. */
export function openBrowser(executablePath: string): Promise<Browser> {
  return chromium.launch({ executablePath, args: [...FLAGS] });
}
