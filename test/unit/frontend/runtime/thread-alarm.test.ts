import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { ThreadAlarm } from '../../../../frontend/runtime/thread-alarm.ts';
import { ringsOf } from '../../../support/alarm-rings.ts';

const SOURCE = new URL('../../../../frontend/runtime/', import.meta.url);

test('it rings once, not before its time; what is set anew replaces what was set', async () => {
  const alarm = new ThreadAlarm();
  const rings = ringsOf(alarm);
  alarm.set(1e15);
  const start = process.hrtime.bigint();
  alarm.set(2_500);
  await rings.next();
  assert.ok(process.hrtime.bigint() - start >= 2_500_000n);
  for (let i = 2; i < 50; i++) {
    alarm.set(i % 2 === 0 ? 100 : -5);
    await rings.next();
    assert.equal(rings.count, i);
  }
  alarm.close();
});

test('what was cleared does not ring', async () => {
  const alarm = new ThreadAlarm(), other = new ThreadAlarm();
  const rings = ringsOf(alarm), others = ringsOf(other);
  alarm.set(1_000);
  alarm.clear();
  other.set(3_000);
  await others.next();
  assert.equal(rings.count, 0);
  alarm.close();
  other.close();
});

test('where the thread ends, a timer takes over what was set and what comes', async () => {
  const alarm = new ThreadAlarm(new URL('data:text/javascript,process.exit(1)'));
  const rings = ringsOf(alarm);
  alarm.set(5_000);
  await rings.next();
  alarm.set(1_000);
  await rings.next();
  assert.equal(rings.count, 2);
  alarm.set(1_000_000_000);
  alarm.close();
});

test('a process lives until an alarm that is set, and no longer', () => {
  const program = `
    import { ThreadAlarm } from '${new URL('thread-alarm.ts', SOURCE).href}';
    const alarm = new ThreadAlarm();
    alarm.connect(() => console.log('rung'));
    alarm.set(20000);`;
  const { stdout, stderr, status } = spawnSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8', timeout: 30_000 });
  assert.deepEqual([stdout.trim(), status], ['rung', 0], stderr);
});
