import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { test } from 'node:test';
import { PRIORITY, setRealTime } from '../../../../bench/load/priority.ts';

/** Fields of proc_pid_stat(5), counted from the first one behind the name in brackets. */
const RT_PRIORITY_FIELD = 40 - 3;

/** Of the main thread, and all that the others have. */
function prioritiesOf(pid: number): readonly [main: number, others: readonly number[]] {
  const of = (thread: string): number => {
    const stat = readFileSync(`/proc/${pid}/task/${thread}/stat`, 'latin1');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[RT_PRIORITY_FIELD]);
  };
  return [of(String(pid)), [...new Set(readdirSync(`/proc/${pid}/task`).filter((thread) => thread !== String(pid)).map(of))]];
}

test('the main thread of a process goes before others and its helpers before it, until it is put back', (t) => {
  const child = spawn(process.execPath, ['-e', 'process.stdout.write("started"); setInterval(() => undefined, 1e6)'], { stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(() => child.kill('SIGKILL'));
  return new Promise<void>((resolve, reject) => {
    child.stdout.once('data', () => {
      try {
        const pid = child.pid ?? 0;
        if (!setRealTime(pid, PRIORITY.generator)) t.skip('SKIP real-time priority');
        else {
          assert.deepEqual(prioritiesOf(pid), [PRIORITY.generator, [0]]);
          assert.equal(setRealTime(pid, PRIORITY.none), true);
          assert.deepEqual(prioritiesOf(pid), [0, [0]]);
          assert.equal(setRealTime(pid, PRIORITY.measured, { helpers: true }), true);
          assert.deepEqual(prioritiesOf(pid), [PRIORITY.measured, [PRIORITY.measured + 1]]);
        }
        resolve();
      } catch (error) {
        reject(error);
      }
    });
  });
});

test('a process that is gone has no priority', () => {
  for (const helpers of [false, true]) assert.equal(setRealTime(2 ** 22, PRIORITY.measured, { helpers }), false);
});
