import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { stripTypeScriptTypes } from 'node:module';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { createClient as CreateClient } from '../../frontend/client/client.ts';
import { openBrowser } from '../../bench/pictures/browser.ts';
import { openDoor } from '../support/http-door.ts';
import { findPart, requirePart } from '../support/requirements.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const skip = requirePart('chromium');

/** A site of another origin than the broker's: an empty page, and the modules of the client. */
async function openSite(): Promise<{ origin: string; close: () => void }> {
  const server = createServer((request, response) => {
    const { url = '/' } = request;
    if (!/^\/[\w./-]+\.ts$/u.test(url) || url.includes('..')) return void response.setHeader('content-type', 'text/html').end('<!doctype html><title>a page</title>');
    response.setHeader('content-type', 'text/javascript').end(stripTypeScriptTypes(readFileSync(ROOT + url.slice(1), 'utf8')));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** In the page: what the client and bare calls come to. */
async function inPage(url: string): Promise<Record<string, unknown>> {
  const module = '/frontend/client/client.ts';
  const { createClient } = await import(module) as { createClient: typeof CreateClient };
  const client = createClient({ url, retries: 0, token: 'a-token-of-the-page' });
  const outcome = async (run: () => Promise<unknown>): Promise<unknown> => run().catch((error: Error & { code?: string }) => error.code ?? error.name);
  return {
    json: await outcome(async () => (await client.predict('sum', { input: [1, 2, 3, 4] })).output),
    bytes: await outcome(async () => (await client.predict('sum', { input: Float32Array.of(1, 2, 3, 4), slo_ms: 50 })).output),
    unknown: await outcome(() => client.predict('none', { input: [1] })),
    admin: await outcome(() => fetch(`${url}/admin/apps`).then((reply) => reply.text())),
    health: await outcome(() => fetch(`${url}/healthz`).then((reply) => reply.text())),
    cookies: await outcome(() => fetch(`${url}/v1/apps/sum/predict`, { method: 'POST', credentials: 'include', headers: { 'content-type': 'application/json' }, body: '{"input":[1,2,3,4]}' }).then((reply) => reply.text())),
  };
}

test('a page whose origin is on the list predicts with the client, and can do nothing else; a page that is not can do nothing', { skip }, async (t) => {
  const [site, other] = await Promise.all([openSite(), openSite()]);
  const door = await openDoor({ cors: { origins: [site.origin], maxAgeSeconds: 600 } });
  const browser = await openBrowser(findPart('chromium') ?? '');
  t.after(async () => {
    await browser.close();
    site.close();
    other.close();
    await door.end();
  });
  const visit = async (origin: string): Promise<Record<string, unknown>> => {
    const page = await browser.newPage();
    await page.goto(origin);
    const seen = await page.evaluate(inPage, `http://127.0.0.1:${door.port}`);
    await page.close();
    return seen;
  };
  assert.deepEqual(await visit(site.origin), { json: 10, bytes: 10, unknown: 'unknown_app', admin: 'TypeError', health: 'TypeError', cookies: 'TypeError' });
  assert.deepEqual(await visit(other.origin), { json: 'unreachable', bytes: 'unreachable', unknown: 'unreachable', admin: 'TypeError', health: 'TypeError', cookies: 'TypeError' });
  const { status } = await fetch(door.url('/v1/apps/sum/predict'), { method: 'OPTIONS', headers: { origin: other.origin, 'access-control-request-method': 'POST' } });
  assert.equal(status, 403);
});
