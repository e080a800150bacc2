import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { MEMORY_FILES, freeBytes } from '../../../../frontend/lifecycle/free-memory.ts';
import { folderWith } from '../../../support/config-files.ts';

test('the machine\'s, or the control group\'s where that has less; nothing where nobody tells', (t) => {
  const folder = folderWith(t, { meminfo: 'MemTotal: 9 kB\nMemAvailable:    4 kB\n', 'small/memory.max': '3000\n', 'small/memory.current': '1000\n', 'open/memory.max': 'max\n', 'open/memory.current': '1\n' });
  const free = (meminfo: string, cgroup: string): number | undefined => freeBytes({ meminfo: join(folder, meminfo), cgroup: join(folder, cgroup) });
  assert.deepEqual([free('meminfo', 'small'), free('meminfo', 'open'), free('meminfo', 'none'), free('none', 'small'), free('none', 'none')], [2000, 4096, 4096, 2000, undefined]);
  assert.equal(MEMORY_FILES.meminfo, '/proc/meminfo');
});
