import assert from 'node:assert/strict';
import { test } from 'node:test';
import { join } from 'node:path';
import { Command } from 'commander';
import { reachOf, stateDirOf, withReach } from '../../../../../frontend/cli/broker/reach.ts';
import { folderWith } from '../../../../support/config-files.ts';

test('the state folder: as said, of the file, of the environment, of the file here, else the usual one', async (t) => {
  const workingFolder = folderWith(t, { 'other.yaml': 'state_dir: of-file' });
  const plain = { environment: {}, workingFolder };
  assert.equal(await stateDirOf({ stateDir: 'x', config: 'other.yaml' }, plain), join(workingFolder, 'x'));
  assert.equal(await stateDirOf({ config: 'other.yaml' }, plain), join(workingFolder, 'of-file'));
  assert.equal(await stateDirOf({}, { environment: { TRADEWIND_STATE_DIR: 'env' }, workingFolder }), join(workingFolder, 'env'));
  assert.equal(await stateDirOf({}, plain), join(workingFolder, '.tradewind'));
  const here = folderWith(t, { 'tradewind.yaml': 'state_dir: here' });
  assert.equal(await stateDirOf({}, { environment: {}, workingFolder: here }), join(here, 'here'));
  await assert.rejects(stateDirOf({ config: 'none.yaml' }, plain), /no such file/u);
});

test('an address with its token, and the control socket where one is named nearer', async (t) => {
  const workingFolder = folderWith(t, { token: 'secret\n' });
  const environment = { TRADEWIND_URL: 'http://far:1', TRADEWIND_TOKEN: 'of the environment' };
  const far = await reachOf({}, { environment, workingFolder });
  assert.deepEqual([far.kind === 'url' && far.url.origin, far.kind === 'url' && far.token], ['http://far:1', 'of the environment']);
  const said = await reachOf({ url: 'near:2', tokenFile: 'token' }, { environment, workingFolder });
  assert.deepEqual([said.kind === 'url' && said.url.origin, said.kind === 'url' && said.token], ['http://near:2', 'secret']);
  assert.equal((await reachOf({ stateDir: 's' }, { environment, workingFolder })).kind, 'socket');
  await assert.rejects(reachOf({ url: 'ftp://x' }, { environment, workingFolder }), { exitCode: 2 });
  await assert.rejects(reachOf({ url: 'x', tokenFile: 'none' }, { environment, workingFolder }), { exitCode: 2 });
});

test('every command that talks to a broker takes the same words', () => {
  assert.deepEqual(withReach(new Command('x')).options.map(({ long }) => long), ['--url', '--token-file', '--ca', '--cert', '--key', '--config', '--state-dir', '--json']);
});

test('a Unix socket is an address; certificates are read, and go in pairs', async (t) => {
  const workingFolder = folderWith(t, { ca: 'authority', cert: 'mine', key: 'secret' });
  const near = { environment: {}, workingFolder };
  const socket = await reachOf({ url: 'unix:run/s' }, near);
  assert.deepEqual(socket.kind === 'url' && [socket.url.origin, socket.socketPath, socket.tls], ['http://localhost', join(workingFolder, 'run/s'), {}]);
  const secure = await reachOf({ url: 'https://far', ca: 'ca', cert: 'cert', key: 'key' }, near);
  assert.deepEqual(secure.kind === 'url' && secure.tls, { ca: 'authority', cert: 'mine', key: 'secret' });
  await assert.rejects(reachOf({ url: 'https://far', cert: 'cert' }, near), { exitCode: 2, message: '--cert and --key go together' });
  await assert.rejects(reachOf({ url: 'https://far', ca: 'none' }, near), { exitCode: 2 });
});
