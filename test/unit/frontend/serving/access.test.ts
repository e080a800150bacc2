import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import type { AccessSpec } from '../../../../frontend/domain/model.ts';
import { AppTokens } from '../../../../frontend/serving/access.ts';
import { RecordingMeter } from '../../../support/recording-meter.ts';
import { makeApp } from '../../../support/specs.ts';
import { VirtualClock } from '../../../support/virtual-clock.ts';

const WEB = 'web-token-0123456789';
const NEXT = 'next-token-0123456789';
const OTHER = 'other-token-0123456789';
const sha256 = (token: string): string => createHash('sha256').update(token).digest('hex');

function world(access: AccessSpec) {
  const clock = new VirtualClock(1_000_000);
  const meter = new RecordingMeter();
  const tokens = new AppTokens({ clock, meter });
  const guarded = makeApp({ access });
  const other = makeApp({ name: 'b', access: { tokens: [{ name: 'other', sha256: sha256(OTHER) }] } });
  const apply = (spec = guarded): void => tokens.apply({ a: spec, b: other, open: makeApp({ name: 'open' }) });
  apply();
  return { tokens, clock, meter, guarded, apply, ask: (header: string | undefined, spec = guarded) => tokens.refusal(spec, header)?.code };
}

test('an app without tokens asks nobody for one', () => {
  const { tokens } = world({ tokens: [{ name: 'web', sha256: sha256(WEB) }] });
  assert.equal(tokens.refusal(makeApp({ name: 'open' }), undefined), undefined);
  assert.equal(tokens.refusal(makeApp({ name: 'open' }), 'Bearer whatever'), undefined);
});

test('each of several tokens is good; none, a wrong one and a malformed one are not, and another app\'s is forbidden', () => {
  const { ask, meter } = world({ tokens: [{ name: 'web', sha256: sha256(WEB) }, { name: 'next', sha256: sha256(NEXT) }] });
  assert.deepEqual([`Bearer ${WEB}`, `bearer  ${NEXT} `, `BEARER ${WEB}`].map((header) => ask(header)), [undefined, undefined, undefined]);
  for (const header of [undefined, '', 'Bearer', `Bearer ${WEB}x`, `Bearer ${WEB.slice(0, -1)}`, `Basic ${WEB}`, WEB, `Bearer ${WEB} ${WEB}`, `Bearer ${sha256(WEB)}`]) {
    assert.equal(ask(header), 'unauthenticated', header);
  }
  assert.equal(ask(`Bearer ${OTHER}`), 'forbidden');
  assert.equal(meter.value('tradewind_access_total', { app: 'a', token: 'web', outcome: 'allowed' }), 2);
  assert.equal(meter.value('tradewind_access_total', { app: 'a', token: '', outcome: 'unauthenticated' }), 9);
  assert.equal(meter.value('tradewind_access_total', { app: 'a', token: '', outcome: 'forbidden' }), 1);
});

test('a token that is taken away is good no more; one that stays keeps what it took of its rate', () => {
  const rate = { perSecond: 1, burst: 2 };
  const { ask, apply, clock, tokens } = world({ tokens: [{ name: 'web', sha256: sha256(WEB) }], rate });
  assert.deepEqual([1, 2, 3].map(() => ask(`Bearer ${WEB}`)), [undefined, undefined, 'rate_limited']);
  const rotated = makeApp({ access: { tokens: [{ name: 'web', sha256: sha256(NEXT) }], rate } });
  apply(rotated);
  assert.equal(ask(`Bearer ${WEB}`, rotated), 'unauthenticated');
  const refusal = tokens.refusal(rotated, `Bearer ${NEXT}`);
  assert.deepEqual([refusal?.code, refusal?.retryAfterMs], ['rate_limited', 1000]);
  clock.advance(1_000_000);
  assert.equal(ask(`Bearer ${NEXT}`, rotated), undefined);
});

test('each token has a rate of its own', () => {
  const { ask } = world({ tokens: [{ name: 'web', sha256: sha256(WEB) }, { name: 'next', sha256: sha256(NEXT) }], rate: { perSecond: 1, burst: 1 } });
  assert.deepEqual([WEB, WEB, NEXT, NEXT].map((token) => ask(`Bearer ${token}`)), [undefined, 'rate_limited', undefined, 'rate_limited']);
});

test('an app that nobody told of is closed, and no refusal says a token', () => {
  const { tokens, guarded } = world({ tokens: [{ name: 'web', sha256: sha256(WEB) }] });
  assert.equal(tokens.refusal({ ...guarded, name: 'unknown' }, `Bearer ${WEB}`)?.code, 'unauthenticated');
  assert.doesNotMatch(JSON.stringify(tokens.refusal(guarded, `Bearer ${WEB}x`)), new RegExp(WEB, 'u'));
});
