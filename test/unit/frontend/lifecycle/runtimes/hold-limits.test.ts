import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Cgroups } from '../../../../../frontend/lifecycle/runtimes/cgroups.ts';
import { holdLimits, limitBytes } from '../../../../../frontend/lifecycle/runtimes/hold-limits.ts';

const ALL = { memoryMb: 2, cpuShare: 1.5, threads: 4, nice: 3 };

test('without control groups memory is watched, and a share of the processors is held by nobody: both with the reason', () => {
  const niced: number[][] = [];
  const held = holdLimits('a', 7, ALL, { cgroups: () => 'there are none', setNice: (...how) => {
    niced.push(how);
    return { by: 'priority', why: 'it counts only inside its own session: EPERM' };
  } });
  assert.deepEqual(held, [
    { limit: 'memory_mb', by: 'watching', why: 'there are none' }, { limit: 'cpu_share', by: 'nobody', why: 'there are none' },
    { limit: 'threads', by: 'environment' }, { limit: 'nice', by: 'priority', why: 'it counts only inside its own session: EPERM' },
  ]);
  assert.deepEqual(niced, [[7, 3]]);
});

test('with them the kernel holds both', (t) => {
  const root = mkdtempSync(join(tmpdir(), 'hold-'));
  t.after(() => rmSync(root, { recursive: true }));
  mkdirSync(join(root, 's'));
  writeFileSync(join(root, 's/cgroup.controllers'), 'cpu memory');
  writeFileSync(join(root, 'own'), '0::/s\n');
  const cgroups = Cgroups.open([1], { root, own: join(root, 'own') });
  assert.deepEqual(holdLimits('a', 7, { memoryMb: 2, cpuShare: 1.5 }, { cgroups: () => cgroups, setNice: assert.fail }), [{ limit: 'memory_mb', by: 'cgroup' }, { limit: 'cpu_share', by: 'cgroup' }]);
  assert.equal(readFileSync(join(root, 's/replica-a/memory.max'), 'utf8'), String(2 * 1_048_576));
  assert.equal(limitBytes({ memoryMb: 2 }), 2 * 1_048_576);
  assert.equal(limitBytes({}), undefined);
});

test('what nothing asks for is not opened, and a refusal is the reason', () => {
  const refuse = (): never => { throw new Error('EACCES: permission denied'); };
  assert.deepEqual(holdLimits('a', 7, { nice: -5 }, { cgroups: refuse, setNice: refuse }), [{ limit: 'nice', by: 'nobody', why: 'EACCES: permission denied' }]);
});
