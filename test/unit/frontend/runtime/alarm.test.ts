import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TimeoutAlarm } from '../../../../frontend/runtime/alarm.ts';
import { ringsOf } from '../../../support/alarm-rings.ts';

test('it rings once; what is set anew replaces what was set', async () => {
  const alarm = new TimeoutAlarm();
  const rings = ringsOf(alarm);
  alarm.set(1e12);
  alarm.set(2_000);
  await rings.next();
  assert.equal(rings.count, 1);
  alarm.set(-5);
  await rings.next();
  assert.equal(rings.count, 2);
});

test('what was cleared does not ring, and holds no timer', async () => {
  const alarm = new TimeoutAlarm();
  const rings = ringsOf(alarm);
  alarm.set(0);
  alarm.clear();
  const other = new TimeoutAlarm();
  const others = ringsOf(other);
  other.set(2_000);
  await others.next();
  assert.equal(rings.count, 0);
  alarm.close();
});
