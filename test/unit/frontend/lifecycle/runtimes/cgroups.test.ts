import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { Cgroups } from '../../../../../frontend/lifecycle/runtimes/cgroups.ts';

/** A folder that looks like a cgroup tree: what is written stays, where the kernel would act on it. */
function tree(t: TestContext, { own = '0::/service\n', controllers = 'cpu io memory' } = {}) {
  const root = mkdtempSync(join(tmpdir(), 'cgroups-'));
  t.after(() => rmSync(root, { recursive: true }));
  mkdirSync(join(root, 'service'));
  writeFileSync(join(root, 'service/cgroup.controllers'), controllers);
  writeFileSync(join(root, 'own'), own);
  return { root, folder: join(root, 'service'), open: () => Cgroups.open([42], { root, own: join(root, 'own') }) };
}
const read = (...path: string[]): string => readFileSync(join(...path), 'utf8');

test('the broker moves into a leaf, and each replica gets a group with its bounds', (t) => {
  const { folder, open } = tree(t);
  const cgroups = open();
  assert.ok(typeof cgroups === 'object');
  assert.deepEqual([read(folder, 'broker/cgroup.procs'), read(folder, 'cgroup.subtree_control')], ['42', '+cpu +memory']);
  cgroups.place('m@1_1.1', 77, { memoryBytes: 1_048_576, cpuShare: 0.5 });
  const group = join(folder, 'replica-m@1_1.1');
  assert.deepEqual(['memory.max', 'memory.oom.group', 'cpu.max', 'cgroup.procs'].map((file) => read(group, file)), ['1048576', '1', '50000 100000', '77']);
});

test('a group that has ended says whether the kernel killed in it', (t) => {
  const { folder, open } = tree(t);
  const cgroups = open();
  assert.ok(typeof cgroups === 'object');
  cgroups.place('a', 77, { cpuShare: 2 });
  assert.equal(existsSync(join(folder, 'replica-a/memory.max')), false);
  writeFileSync(join(folder, 'replica-a/memory.events'), 'low 0\noom 1\noom_kill 0\n');
  assert.equal(cgroups.remove('a'), false);
  writeFileSync(join(folder, 'replica-a/memory.events'), 'low 0\noom 1\noom_kill 3\n');
  assert.equal(cgroups.remove('a'), true);
  assert.equal(cgroups.remove('never'), false);
});

test('a broker that was started anew is in its leaf already; empty groups of the one before go', (t) => {
  const { folder, open } = tree(t, { own: '0::/service/broker\n' });
  mkdirSync(join(folder, 'replica-left'));
  assert.ok(typeof open() === 'object');
  assert.deepEqual(readdirSync(folder).filter((name) => name.startsWith('replica-')), []);
});

test('where there are none it says why', (t) => {
  assert.equal(tree(t, { own: '4:memory:/x\n' }).open(), 'this machine has no cgroup v2');
  assert.equal(tree(t, { controllers: 'memory pids' }).open(), 'cgroup v2 has no controller for cpu here');
  const missing = Cgroups.open([1], { root: '/nonexistent', own: join(tree(t).root, 'own') });
  assert.ok(typeof missing === 'string');
  assert.match(missing, /^cgroup v2 is not left to the broker: ENOENT/);
});

test('a tree that others live in is left as it was', (t) => {
  const { folder, open } = tree(t);
  // What cannot be written, for whoever it is that runs this.
  mkdirSync(join(folder, 'cgroup.subtree_control'));
  const why = open();
  assert.ok(typeof why === 'string');
  assert.match(why, /not left to the broker: EISDIR/);
  assert.equal(read(folder, 'cgroup.procs'), '42');
});
