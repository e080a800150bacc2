import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import type { Server, Socket } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { FRAME } from '../../../../protos/wire.ts';
import { FrameDialler, readAddress } from '../../../../frontend/rpc/dialler.ts';
import { SendBuffers } from '../../../../frontend/rpc/send-buffers.ts';
import { RecordingWatcher } from '../../../support/replica-watcher.ts';
import { VirtualClock } from '../../../support/virtual-clock.ts';
import { EXPECTED, HELLO, ContainerEnd } from '../../../support/container-end.ts';

const folder = mkdtempSync(join(tmpdir(), 'dialler-'));
test.after(() => rmSync(folder, { recursive: true }));
const clock = new VirtualClock();
const dialler = new FrameDialler({ buffers: new SendBuffers(), heartbeatMs: 100, clock, timeoutMs: 100 });

async function listening(name: string): Promise<{ server: Server; address: string; come: () => Promise<ContainerEnd> }> {
  const server = createServer().listen(join(folder, name));
  await once(server, 'listening');
  const come = async (): Promise<ContainerEnd> => new ContainerEnd(((await once(server, 'connection')) as [Socket])[0]);
  return { server, address: `unix:${join(folder, name)}`, come };
}

function refusal(address: string): string {
  const read = readAddress(address);
  return typeof read === 'string' ? read : '';
}

test('addresses are Unix sockets, or loopback', () => {
  assert.deepEqual(readAddress('unix:/run/x.sock'), { path: '/run/x.sock' });
  assert.deepEqual(readAddress('tcp://127.0.0.1:9000'), { host: '127.0.0.1', port: 9000 });
  assert.deepEqual(readAddress('tcp://[::1]:9000'), { host: '::1', port: 9000 });
  for (const wrong of ['unix:relative', 'http://127.0.0.1:1', 'tcp://127.0.0.1', 'tcp://127.0.0.1:0', 'tcp://127.0.0.1:99999', '']) assert.match(refusal(wrong), /neither/);
  for (const away of ['tcp://10.0.0.1:80', 'tcp://example.org:80', 'tcp://127.0.0.1.example.org:80']) assert.match(refusal(away), /not on loopback/);
});

test('a container that listens is admitted, watched at the address it names, and its end is told last', async () => {
  const [worker, watchdog] = [await listening('w'), await listening('d')];
  const watcher = new RecordingWatcher();
  const dialled = dialler.dial(worker.address, EXPECTED, watcher);
  const peer = await worker.come();
  const coming = watchdog.come();
  peer.send(FRAME.hello, { ...HELLO, watchdog: watchdog.address });
  const dog = await coming;
  dog.send(FRAME.hello, { ...HELLO, role: 'watchdog' });
  await watcher.until('heartbeat');
  dialled.close('no longer wanted');
  await watcher.until(/^ended/);
  assert.deepEqual(watcher.told, ['ready m@1/1.1', 'heartbeat', 'closed: no longer wanted', `ended: ${worker.address}: no longer wanted`]);
  await dog.closed;
  for (const { server } of [worker, watchdog]) server.close();
  assert.equal(clock.pending, 0);
});

test('nobody there, a wrong hello and an address out of bounds are each an end with its reason', async () => {
  const nobody = new RecordingWatcher();
  dialler.dial(`unix:${join(folder, 'none')}`, EXPECTED, nobody);
  assert.match(await nobody.until(/^ended/), /ENOENT/);
  const away = new RecordingWatcher();
  dialler.dial('tcp://10.0.0.1:80', EXPECTED, away);
  assert.match(await away.until(/^ended/), /not on loopback/);
  const { server, address, come } = await listening('wrong');
  const wrong = new RecordingWatcher();
  dialler.dial(address, EXPECTED, wrong);
  (await come()).send(FRAME.hello, { ...HELLO, model: 'other' });
  await wrong.until(/^ended/);
  assert.equal(wrong.told[0], 'refused wrong_model');
  server.close();
  assert.equal(clock.pending, 0);
});
