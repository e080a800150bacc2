import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { getPriority } from 'node:os';
import { test } from 'node:test';
import { NICE_CALLS, ProcessNice, type NiceCalls } from '../../../../../frontend/lifecycle/runtimes/process-nice.ts';
import { until } from '../../../../support/broker-process.ts';
import { VirtualClock } from '../../../../support/virtual-clock.ts';

function withCalls(more: Partial<NiceCalls> = {}) {
  const done: string[] = [];
  const clock = new VirtualClock();
  const nice = new ProcessNice(clock, {
    canLower: () => true, ownNice: () => 2, hasGroups: () => true,
    setThreads: (pid, to) => void done.push(`threads ${pid} ${to}`), setGroup: (pid, to) => void done.push(`group ${pid} ${to}`), ...more,
  });
  return { done, clock, nice };
}

/** A kernel that takes one write in 100 ms, as it does from whoever may not administer the system. */
function slowKernel() {
  const taken: string[] = [];
  let next = 0;
  const world = withCalls({
    setGroup: (pid, to) => {
      if (world.clock.now() < next) throw Object.assign(new Error('EAGAIN: resource temporarily unavailable'), { code: 'EAGAIN' });
      next = world.clock.now() + 100_000;
      taken.push(`${pid} ${to}`);
    },
  });
  return { taken, ...world };
}

test('threads and the group of the session get the same niceness, and it is said by what it is held', () => {
  const both = withCalls();
  assert.deepEqual(both.nice.set(7, 5), { by: 'autogroup' });
  assert.deepEqual(both.done, ['threads 7 5', 'group 7 5']);
  const without = withCalls({ hasGroups: () => false });
  assert.deepEqual(without.nice.set(7, 5), { by: 'priority' });
  assert.deepEqual(without.done, ['threads 7 5']);
  const refused = withCalls({ setGroup: () => { throw new Error('EPERM'); } });
  assert.deepEqual(refused.nice.set(7, -5), { by: 'priority', why: 'it counts only inside its own session: EPERM' });
  assert.throws(() => withCalls({ setThreads: () => { throw new Error('ESRCH'); } }).nice.set(7, 5), /ESRCH/u);
});

test('who steps back comes to the broker’s own niceness again, and to that of a new session', () => {
  const { done, nice } = withCalls();
  assert.equal(nice.stepBack(7, 10), true);
  nice.stepUp(7);
  assert.deepEqual(done, ['threads 7 10', 'group 7 10', 'threads 7 2', 'group 7 0']);
});

test('only what can be taken back is done: groups always, threads with the right to it', () => {
  const unprivileged = withCalls({ canLower: () => false });
  assert.equal(unprivileged.nice.stepBack(7, 10), true);
  unprivileged.nice.stepUp(7);
  assert.deepEqual(unprivileged.done, ['group 7 10', 'group 7 0']);
  const neither = withCalls({ canLower: () => false, hasGroups: () => false });
  assert.equal(neither.nice.stepBack(7, 10), false);
  assert.deepEqual(neither.done, []);
  const gone = (): never => { throw new Error('ESRCH'); };
  const ended = withCalls({ setThreads: gone, setGroup: gone });
  assert.equal(ended.nice.stepBack(7, 10), false);
  ended.nice.stepUp(7);
  const nicer = withCalls({ hasGroups: () => false, ownNice: () => 12 });
  assert.equal(nicer.nice.stepBack(7, 10), false);
});

test('what the kernel takes only later is written later, the last word of each process, and nothing for one that ended', () => {
  const { taken, clock, nice } = slowKernel();
  for (const pid of [1, 2, 3, 4]) assert.deepEqual(nice.set(pid, 5), { by: 'autogroup' });
  nice.stepUp(3);
  nice.ended(2);
  assert.deepEqual(taken, ['1 5']);
  clock.advance(1_000_000);
  assert.deepEqual(taken, ['1 5', '4 5', '3 0']);
  assert.equal(clock.pending, 0);
});

test('the operating system does it to a process that leads a session of its own', async (t) => {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore', detached: true });
  t.after(() => child.kill('SIGKILL'));
  await once(child, 'spawn');
  const pid = child.pid ?? 0;
  const clock = new VirtualClock();
  const nice = new ProcessNice(clock);
  const hasGroups = existsSync('/proc/self/autogroup');
  const groupNice = (): number => Number(/nice (-?\d+)/u.exec(readFileSync(`/proc/${pid}/autogroup`, 'utf8'))?.[1]);
  const ours = NICE_CALLS.ownNice();

  assert.deepEqual(nice.set(pid, ours + 3), { by: hasGroups ? 'autogroup' : 'priority' });
  for (const thread of readdirSync(`/proc/${pid}/task`)) assert.equal(getPriority(Number(thread)), ours + 3);
  // Others on this machine may have had the kernel's last write.
  if (hasGroups) await until('the group is as nice', () => (clock.advance(200_000), groupNice() === ours + 3));
  assert.throws(() => nice.set(2 ** 22 + 1, 0), /ESRCH|no such process/iu);
});
