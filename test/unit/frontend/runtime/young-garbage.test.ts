import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';

const MODULE = new URL('../../../../frontend/runtime/young-garbage.ts', import.meta.url).href;

test('the Node that is locked knows the flag: V8 would say on standard error that it does not', () => {
  const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', `(await import('${MODULE}')).keepGarbageYoung();`], { encoding: 'utf8' });
  assert.deepEqual([status, stderr], [0, '']);
});
