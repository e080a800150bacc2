import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { FRAME } from '../../../../protos/wire.ts';
import { ReplicaListener } from '../../../../frontend/rpc/listener.ts';
import { SendBuffers } from '../../../../frontend/rpc/send-buffers.ts';
import { sharedReads } from '../../../../frontend/runtime/shared-reads.ts';
import { RecordingWatcher } from '../../../support/replica-watcher.ts';
import { VirtualClock } from '../../../support/virtual-clock.ts';
import { EXPECTED, HELLO, ContainerEnd } from '../../../support/container-end.ts';

async function opened(maxConnections = 8) {
  const folder = mkdtempSync(join(tmpdir(), 'listener-'));
  const clock = new VirtualClock();
  const warned: string[] = [];
  const log = { debug: () => {}, info: () => {}, warn: (_: object, text: string) => void warned.push(text), error: () => {} };
  const options = { folder, clock, log, buffers: new SendBuffers(), heartbeatMs: 100, handshakeTimeoutMs: 100, maxConnections, adopt: sharedReads };
  const listener = await ReplicaListener.open(options);
  const come = (): ContainerEnd => new ContainerEnd(connect(listener.address.slice('unix:'.length)));
  const close = async (): Promise<void> => {
    await listener.close();
    assert.deepEqual([readdirSync(folder), clock.pending], [[], 0]);
    rmSync(folder, { recursive: true });
  };
  return { listener, options, come, close, warned };
}

test('a token admits worker and watchdog, until the ticket is closed; who comes late with it is refused, and no stranger', async () => {
  const { listener, come, close, warned } = await opened();
  const watcher = new RecordingWatcher();
  const ticket = listener.expect(EXPECTED, watcher);
  come().send(FRAME.hello, { ...HELLO, token: ticket.token });
  await watcher.until('ready m@1/1.1');
  come().send(FRAME.hello, { ...HELLO, role: 'watchdog', token: ticket.token });
  await watcher.until('heartbeat');
  assert.equal(ticket.connected, true);
  ticket.close('enough');
  assert.deepEqual(watcher.told, ['ready m@1/1.1', 'heartbeat', 'closed: enough']);
  const late = come();
  late.send(FRAME.hello, { ...HELLO, token: ticket.token });
  assert.equal(((await late.next()).header as { code: string }).code, 'bad_token');
  assert.deepEqual(warned, []);
  await close();
});

test('a wrong token proves nothing: it is refused, and only noted for the process that it claims to be', async () => {
  const { listener, come, close, warned } = await opened();
  const [watcher, other] = [new RecordingWatcher(), new RecordingWatcher()];
  const ticket = listener.expect(EXPECTED, watcher);
  ticket.heldBy(HELLO.pid);
  listener.expect(EXPECTED, other).heldBy(1);
  for (const token of [{}, { token: ticket.token.slice(1) }, { token: `${ticket.token}x` }]) {
    const peer = come();
    peer.send(FRAME.hello, { ...HELLO, ...token });
    assert.equal(((await peer.next()).header as { code: string }).code, 'bad_token');
    await peer.closed;
  }
  assert.deepEqual([watcher.told, other.told, warned.length], [['noted bad_token', 'noted bad_token', 'noted bad_token'], [], 3]);
  await close();
});

test('connections are bounded, and closing cuts those that are left', async () => {
  const { come, close } = await opened(2);
  const [first, second, third] = [come(), come(), come()];
  await third.closed;
  first.send(FRAME.heartbeat);
  await first.closed;
  await close();
  await second.closed;
});

test('a second listener on the same folder is refused', async () => {
  const { options, close } = await opened();
  await assert.rejects(ReplicaListener.open(options), /in use: another broker/);
  await close();
});
