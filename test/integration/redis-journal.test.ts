import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decisionKey, openRedis, storedApp } from '../support/feedback-stores.ts';
import { RedisServer } from '../support/redis-server.ts';
import { requirePart } from '../support/requirements.ts';

const MINUTE_MS = 60_000;
const MINUTES = 100;
const EACH = 20;
/** So far may decisions lie from their places: the index of so many minutes more is kept. */
const STRAY_MINUTES = 5;

test('a journal that lets records go lets their index go too, and of what it keeps every record is found', { skip: requirePart('redis-server') }, async (t) => {
  const server = await RedisServer.start({ after: (run) => t.after(run) });
  const store = await openRedis(server.url, t);
  t.after(() => store.close());
  const now = Date.now();
  const windowMs = 2 * MINUTES * MINUTE_MS;
  const indexed = async (): Promise<number> => Number(await server.command('EVAL', "return #redis.call('KEYS', 'tradewind:{a}:index:*')", '0'));
  const minutesOf = (found: readonly (Uint8Array | undefined)[]): Set<number> => new Set(found.flatMap((record, i) => (record === undefined ? [] : [Math.floor(i / EACH)])));
  const app = storedApp({ windowMs, journalMaxAgeMs: windowMs });
  await store.serve([app]);
  const decisions = Array.from({ length: MINUTES * EACH }, (_, n) => ({ ...decisionKey(n, now - (MINUTES - Math.floor(n / EACH)) * MINUTE_MS), record: Buffer.alloc(1000, 1) }));
  await store.append('a', decisions);
  await store.trim('a', now);
  assert.equal(await indexed(), MINUTES, 'all of it is there still');

  for (const share of [0.5, 0.25]) {
    await store.serve([{ ...app, journalMaxBytes: Math.round(decisions.length * 1000 * share) }]);
    await store.trim('a', now);
    const found = await store.decisions('a', decisions);
    const length = Number(await server.command('XLEN', 'tradewind:{a}:journal'));
    assert.equal(found.filter((record) => record !== undefined).length, length);
    assert.ok(length > 0 && length < MINUTES * EACH * share * 1.2, `${length} are left`);
    assert.equal(await indexed(), minutesOf(found).size + STRAY_MINUTES);
  }

  await store.append('a', [{ ...decisionKey(9_999, now), record: Buffer.from([9]) }]);
  await store.trim('a', now + 3 * windowMs);
  assert.equal(Number(await server.command('XLEN', 'tradewind:{a}:journal')), 0);
  assert.ok(await indexed() <= STRAY_MINUTES + 1, 'by age as by bytes');
});
