import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { channelOpener, type LauncherChannel } from '../../../../../../frontend/lifecycle/runtimes/launcher/channel.ts';
import { SOME_ORDER } from '../../../../../support/fake-channel.ts';

interface Opened {
  readonly channel: LauncherChannel;
  readonly said: Promise<unknown>;
  readonly gone: Promise<string>;
}

function opened(node: string): Opened {
  let channel: LauncherChannel | undefined;
  let say: (message: unknown) => void = () => {};
  const said = new Promise<unknown>((resolve) => (say = resolve));
  const gone = new Promise<string>((resolve) => {
    channel = channelOpener({ node, setpriv: undefined })({ said: say, printed: () => {}, gone: resolve });
  });
  if (channel === undefined) throw new Error('it is opened at once');
  return { channel, said, gone };
}

test('a launcher that cannot be started is gone, with the words of the system', async () => {
  const { channel, gone } = opened('/no/such/node');
  assert.equal(channel.pid, undefined);
  channel.send({ ...SOME_ORDER, id: 1 });
  assert.equal(await gone, 'it could not be started: spawn /no/such/node ENOENT');
  channel.disconnect();
  channel.kill();
});

test('it reports, and ends when it is asked to', async () => {
  const { channel, said, gone } = opened(process.execPath);
  channel.send({ ...SOME_ORDER, id: 5 });
  // Nobody listens where its output is to go.
  assert.deepEqual(await said, { kind: 'failed', id: 5, why: 'connect ENOENT /nowhere' });
  channel.disconnect();
  assert.equal(await gone, 'it exited with code 0');
  assert.equal(existsSync(`/proc/${channel.pid}`), false);
});

test('it takes no notice of signals that ask a whole service to stop, and dies of SIGKILL', async () => {
  const { channel, said, gone } = opened(process.execPath);
  channel.send({ ...SOME_ORDER, id: 1 });
  await said;
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.kill(channel.pid ?? 0, signal);
  channel.send({ ...SOME_ORDER, id: 2 });
  channel.kill();
  assert.equal(await gone, 'it was killed by SIGKILL');
  channel.send({ ...SOME_ORDER, id: 3 });
});
