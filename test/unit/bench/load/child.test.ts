import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';

const CHILD = new URL('../../../../bench/load/child.ts', import.meta.url);

test('the generator’s process ends when its parent is gone', async () => {
  const child = fork(CHILD, { execArgv: [], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  await once(child, 'spawn');
  child.disconnect();
  const [code] = (await once(child, 'exit')) as [number | null];
  assert.notEqual(code, null);
});

test('it says why a plan cannot be run, and ends', async () => {
  const child = fork(CHILD, { execArgv: [], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const ended = once(child, 'exit');
  child.send({ url: 'nowhere', connections: 0, load: { kind: 'closed' } });
  const [said] = (await once(child, 'message')) as [{ kind: string; name: string; message: string }];
  assert.deepEqual([said.kind, said.name], ['failed', 'RangeError']);
  assert.match(said.message, /url .*connections .*seconds or requests/);
  assert.deepEqual((await ended)[0], 0);
});
