import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { newestFileMs, secretFileFinding, stateFindings } from '../../../../../frontend/cli/doctor/state-checks.ts';
import { folderWith } from '../../../../support/config-files.ts';

test('a state folder that can be used, will be made, is a file, is open to others, or too long for a socket', (t) => {
  const folder = folderWith(t, { file: '', 'open/x': '', 'mine/x': '', 'half/half-restored': '' });
  chmodSync(join(folder, 'open'), 0o755);
  chmodSync(join(folder, 'mine'), 0o700);
  const verdicts = (name: string): string[] => stateFindings(join(folder, name)).map(({ check, verdict }) => `${check} ${verdict}`);
  assert.deepEqual(verdicts('mine').filter((line) => !line.startsWith('disk')), ['state_dir good', 'control socket good']);
  assert.equal(verdicts('new/deep')[0], 'state_dir good');
  assert.deepEqual(verdicts('file/x'), ['state_dir bad']);
  assert.equal(verdicts('open')[0], 'state_dir doubtful');
  assert.equal(verdicts('half')[1], 'state_dir bad');
  assert.equal(verdicts('x'.repeat(120)).at(-1), 'control socket bad');
});

test('a secret that others can read is told', (t) => {
  const folder = folderWith(t, { token: 'x' });
  const file = join(folder, 'token');
  chmodSync(file, 0o644);
  assert.match(secretFileFinding('admin.token_file', file).says, /can be read by others \(mode 644\): `chmod 600/u);
  chmodSync(file, 0o600);
  assert.equal(secretFileFinding('x', file).verdict, 'good');
  assert.equal(secretFileFinding('x', join(folder, 'none')).verdict, 'bad');
});

test('the youngest file of a folder that is there, or none', (t) => {
  assert.ok(newestFileMs(folderWith(t, { a: '' })) > 0);
  assert.equal(newestFileMs('/no/such/folder'), 0);
});
