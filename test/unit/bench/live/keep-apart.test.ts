import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { coresOf, keepApart } from '../../../../bench/live/keep-apart.ts';

test('the cores that a process may use are read from ranges and single ones', () => {
  assert.deepEqual(coresOf('Name:\tnode\nCpus_allowed_list:\t0-2,5\nMems_allowed_list:\t0\n'), [0, 1, 2, 5]);
  assert.deepEqual(coresOf('Cpus_allowed_list:\t3\n'), [3]);
});

test('one core cannot be shared out', () => {
  assert.equal(keepApart(process.pid, 'broker', [0]), false);
});

test('a broker and what it started are given cores apart', (t) => {
  const cores = coresOf(readFileSync('/proc/self/status', 'latin1'));
  if (cores.length < 2) return t.skip('SKIP a second core');
  const parent = spawn(process.execPath, ['-e', 'require("node:child_process").spawn("sleep", ["60"], { stdio: "ignore" }); process.stdout.write("started"); setInterval(() => undefined, 1e6)'], { detached: true, stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(() => process.kill(-(parent.pid ?? 0), 'SIGKILL'));
  return new Promise<void>((resolve, reject) => {
    parent.stdout.once('data', () => {
      try {
        const pid = parent.pid ?? 0;
        assert.equal(keepApart(pid, 'broker'), true);
        const of = (who: number | string): readonly number[] => coresOf(readFileSync(`/proc/${who}/status`, 'latin1'));
        const [child = ''] = readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1').trim().split(' ');
        assert.deepEqual([...of(pid), ...of(child)].toSorted((a, b) => a - b), cores);
        assert.deepEqual(of('self'), of(pid));
        assert.equal(keepApart(pid, 'containers', cores), true);
        assert.deepEqual(of('self'), of(child));
        resolve();
      } catch (error) {
        reject(error);
      }
    });
  });
});
