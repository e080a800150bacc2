import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { RealClock } from '../../../../frontend/runtime/real-clock.ts';
import { ThreadAlarm } from '../../../../frontend/runtime/thread-alarm.ts';

function timers(): number {
  return process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
}

test('time is whole microseconds and does not go back', () => {
  const clock = new RealClock();
  let before = clock.now();
  for (let i = 0; i < 10_000; i++) {
    const now = clock.now();
    assert.ok(Number.isSafeInteger(now) && now >= before, `${now} after ${before}`);
    before = now;
  }
});

/** Tries until nobody kept the processor from this thread in between, which happens on a busy machine. */
async function sooner(attempt: () => Promise<boolean>): Promise<void> {
  for (let left = 50; !(await attempt()); left--) assert.ok(left > 0);
}

function spin(clock: RealClock, micros: number): void {
  const from = clock.now();
  while (clock.now() < from + micros);
}

test('what a turn reads has come when it began, or in a long turn before it', async () => {
  const clock = new RealClock();
  await sooner(async () => {
    await nextTurn();
    const before = clock.now();
    const first = clock.arrived();
    assert.ok(Number.isSafeInteger(first) && first <= clock.now());
    spin(clock, 10_000);
    assert.equal(clock.arrived(), first, 'whoever comes before in the turn');
    await nextTurn();
    // It may have come as soon as nobody looked any more.
    return first >= before && clock.arrived() === first;
  });
  assert.equal(clock.pending, 0);
});

test('a turn that only runs what was deferred is a turn, too', async () => {
  const clock = new RealClock();
  await sooner(async () => {
    let from = 0;
    await new Promise<void>((resolve) => {
      clock.defer(() => clock.defer(() => {
        from = clock.now();
        spin(clock, 10_000);
        resolve();
      }));
    });
    await nextTurn();
    return clock.arrived() <= from && clock.arrived() > from - 10_000;
  });
});

test('wakes in order of time, none before its time, with one timer', async () => {
  const clock = new RealClock();
  const idle = timers();
  const start = clock.now();
  const woken: { after: number; early: boolean }[] = [];
  await new Promise<void>((resolve) => {
    for (const after of [9_000, 3_000, 6_000]) {
      clock.wakeAt(start + after, () => {
        woken.push({ after, early: clock.now() < start + after });
        if (woken.length === 3) resolve();
      });
    }
    assert.equal(timers() - idle, 1);
    assert.equal(clock.pending, 3);
  });
  assert.deepEqual(woken, [3_000, 6_000, 9_000].map((after) => ({ after, early: false })));
  assert.equal(clock.pending, 0);
  assert.equal(timers(), idle);
});

test('a wake that was taken back does not come; those behind it do', async () => {
  const clock = new RealClock();
  const start = clock.now();
  let cancelled = false;
  const takeBack = clock.wakeAt(start + 2_000, () => { cancelled = true; });
  const later = new Promise<void>((resolve) => { clock.wakeAt(start + 4_000, resolve); });
  takeBack();
  await later;
  assert.equal(cancelled, false);
});

test('a wake that asks for its own time again does not hold up the loop', async () => {
  const clock = new RealClock();
  const at = clock.now();
  let wakes = 0;
  await new Promise<void>((resolve) => {
    const again = (): void => {
      wakes++;
      clock.wakeAt(at, again);
    };
    clock.wakeAt(at, again);
    setImmediate(function turn() {
      if (wakes >= 3) resolve();
      else setImmediate(turn);
    });
  });
  clock.close();
  assert.equal(clock.pending, 0);
});

test('deferred calls run after the turn, all together, in order; what they defer comes in the next', async () => {
  const clock = new RealClock();
  const ran: string[] = [];
  clock.defer(() => {
    ran.push('a');
    clock.defer(() => ran.push('c'));
  });
  clock.defer(() => ran.push('b'));
  assert.deepEqual(ran, []);
  await new Promise(setImmediate);
  assert.deepEqual(ran, ['a', 'b']);
  await new Promise(setImmediate);
  assert.deepEqual(ran, ['a', 'b', 'c']);
});

test('after close nothing comes and no timer is left', async () => {
  const clock = new RealClock();
  const idle = timers();
  let ran = 0;
  clock.defer(() => ran++);
  clock.wakeAt(clock.now(), () => ran++);
  clock.close();
  assert.equal(timers(), idle);
  await new Promise(setImmediate);
  assert.equal(ran, 0);
});

test('close and use again: the timer is set anew', async () => {
  const clock = new RealClock();
  clock.wakeAt(clock.now() + 1_000_000_000, () => undefined);
  clock.close();
  await new Promise<void>((resolve) => { clock.wakeAt(clock.now() + 1_000, resolve); });
  assert.equal(clock.pending, 0);
});

test('a wake further off than a timer can count does not come at once', async () => {
  const clock = new RealClock();
  let early = false;
  clock.wakeAt(clock.now() + 2 ** 50, () => { early = true; });
  await new Promise<void>((resolve) => { clock.wakeAt(clock.now() + 3_000, resolve); });
  assert.equal(early, false);
  clock.close();
});

test('wakes by the thread come in order, none before its time', async () => {
  const clock = new RealClock(new ThreadAlarm());
  const start = clock.now();
  const woken: number[] = [];
  await new Promise<void>((resolve) => {
    for (const after of [4_000, 1_000, 2_000]) {
      clock.wakeAt(start + after, () => {
        assert.ok(clock.now() >= start + after);
        if (woken.push(after) === 3) resolve();
      });
    }
  });
  assert.deepEqual(woken, [1_000, 2_000, 4_000]);
  clock.close();
});

test('a call that throws takes no other with it', () => {
  const clock = new URL('../../../../frontend/runtime/real-clock.ts', import.meta.url).href;
  const program = `
    import { RealClock } from '${clock}';
    const clock = new RealClock();
    const ran = [];
    process.on('uncaughtException', (error) => ran.push(error.message));
    process.on('exit', () => console.log(ran.join()));
    for (const name of ['a', 'b', 'c']) clock.defer(() => { if (name === 'b') throw new Error('thrown'); ran.push(name); });
    setImmediate(() => setImmediate(() => {
      const at = clock.now();
      for (const name of ['d', 'e', 'f']) clock.wakeAt(at, () => { if (name === 'e') throw new Error('thrown'); ran.push(name); });
    }));`;
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8', timeout: 30_000 });
  assert.equal(stdout.trim(), 'a,thrown,c,d,thrown,f', stderr);
});
