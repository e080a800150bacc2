import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { controlSocketPath } from '../../frontend/http/admin/socket.ts';
import { STATE_FILE, SqliteState } from '../../frontend/storage/sqlite/state.ts';
import { folderWith } from '../support/config-files.ts';
import { tradewind } from '../support/tradewind-command.ts';

for (const [signal, code] of [['SIGINT', 130], ['SIGTERM', 143]] as const) {
  test(`a backup that gets ${signal} leaves no copy of the state behind`, async (t) => {
    const cwd = folderWith(t);
    mkdirSync(join(cwd, 'state', 'control'), { recursive: true });
    mkdirSync(join(cwd, 'kept'));
    // A broker that is asked for its copies, and takes its time.
    let asked = (): void => undefined;
    const isAsked = new Promise<void>((resolve) => (asked = resolve));
    const broker = createServer(() => asked());
    await new Promise<void>((resolve) => broker.listen(controlSocketPath(join(cwd, 'state')), resolve));
    t.after(() => {
      broker.closeAllConnections();
      broker.close();
    });
    const { child, ended } = tradewind(['backup', 'kept/b.tar', '--state-dir', 'state'], { cwd });
    await isAsked;
    assert.equal(readdirSync(join(cwd, 'kept')).length, 1, 'it has begun');
    child.kill(signal);
    assert.equal((await ended).code, code);
    assert.deepEqual(readdirSync(join(cwd, 'kept')), []);
  });
}

test('a backup in which the broker ends takes the files that it left; where another broker has them by then, it says so', async (t) => {
  const cwd = folderWith(t);
  mkdirSync(join(cwd, 'state', 'control'), { recursive: true });
  mkdirSync(join(cwd, 'kept'));
  const state = new SqliteState(join(cwd, 'state'));
  // A broker that is killed with half a copy made.
  const endInTheMiddle = async (request: IncomingMessage): Promise<void> => {
    writeFileSync(join((JSON.parse(await text(request)) as { folder: string }).folder, STATE_FILE), 'half');
    request.socket.destroy();
  };
  const broker = createServer((request) => void endInTheMiddle(request));
  await new Promise<void>((resolve) => broker.listen(controlSocketPath(join(cwd, 'state')), resolve));
  t.after(() => broker.close());
  const again = await tradewind(['backup', 'kept/b.tar', '--state-dir', 'state'], { cwd }).ended;
  assert.deepEqual([again.code, /cannot be reached: socket hang up/u.test(again.err)], [3, true], again.err);
  assert.deepEqual(readdirSync(join(cwd, 'kept')), []);
  state.close();
  const taken = await tradewind(['backup', 'kept/b.tar', '--state-dir', 'state'], { cwd }).ended;
  assert.equal(taken.code, 0, taken.err);
  assert.deepEqual(readdirSync(join(cwd, 'kept')), ['b.tar']);
  assert.equal((await tradewind(['restore', 'kept/b.tar', '--state-dir', 'tried'], { cwd }).ended).code, 0);
});
