import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { readKeyFile } from '../../../../frontend/config/key-file.ts';
import type { Fault } from '../../../../frontend/domain/fault.ts';
import { folderWith } from '../../../support/config-files.ts';

const SECRET = 'ab'.repeat(32);

test('keys are read in the order of their lines', (t) => {
  const folder = folderWith(t, { keys: `# receipts\n2 ${SECRET}\n\n 1 ${'CD'.repeat(32)} \n` });
  const faults: Fault[] = [];
  assert.deepEqual(readKeyFile(join(folder, 'keys'), faults).map(({ number, secret }) => [number, secret[0], secret.length]), [[2, 0xab, 32], [1, 0xcd, 32]]);
  assert.deepEqual(faults, []);
});

test('what is wrong with it is said by line, never with the secret', (t) => {
  const folder = folderWith(t, { keys: `1 ${SECRET}\n1 ${SECRET}\n256 ${SECRET}\n3 ${SECRET}ab\n`, empty: '# none\n' });
  const faults: Fault[] = [];
  readKeyFile(join(folder, 'keys'), faults);
  assert.deepEqual(faults.map(({ message }) => message.replace(/^.*, /u, '')), ['line 2: key 1 stands twice', 'line 3 is no key', 'line 4 is no key']);
  assert.ok(!JSON.stringify(faults).includes(SECRET));
  for (const name of ['empty', 'missing']) {
    const more: Fault[] = [];
    assert.deepEqual(readKeyFile(join(folder, name), more), []);
    assert.equal(more.length, 1, name);
  }
});
