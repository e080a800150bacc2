import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { Hello, Welcome } from '../../../../protos/wire.ts';
import { FRAME } from '../../../../protos/wire.ts';
import type { ExpectedReplica } from '../../../../frontend/domain/runtime.ts';
import { Admission } from '../../../../frontend/rpc/admission.ts';
import { Connection } from '../../../../frontend/rpc/connection.ts';
import { SendBuffers } from '../../../../frontend/rpc/send-buffers.ts';
import { RecordingWatcher } from '../../../support/replica-watcher.ts';
import { noSharedMemory } from '../../../support/shared-memory.ts';
import { socketPair } from '../../../support/socket-pair.ts';
import { EXPECTED, HELLO, ContainerEnd } from '../../../support/container-end.ts';

const dog = { ...HELLO, role: 'watchdog' as const };

function gate(expected: ExpectedReplica = EXPECTED, way = { unix: false }) {
  const watcher = new RecordingWatcher();
  const admission = new Admission(expected, watcher, { buffers: new SendBuffers(), heartbeatMs: 250, ...way });
  const come = async (hello: Hello): Promise<ContainerEnd> => {
    const { near, far } = await socketPair();
    const peer = new ContainerEnd(far);
    admission.admit(new Connection(near, { frame: () => {}, ended: () => {} }), hello);
    return peer;
  };
  return { watcher, admission, come };
}

test('a worker is welcomed, and what it said of itself is known', async () => {
  const { watcher, admission, come } = gate();
  const peer = await come({ ...HELLO, max_batch: 32, about: { threads: 2 } });
  assert.deepEqual(await peer.next(), { kind: FRAME.welcome, batch: 0, header: { wire: 1, heartbeat_ms: 250, replica: 'm@1/1.1' } });
  assert.deepEqual(watcher.facts, { pid: 77, kit: 'test 1', maxBatch: 32, about: { threads: 2 }, signature: { inputs: HELLO.inputs, outputs: HELLO.outputs } });
  assert.equal(admission.connected, true);
  admission.close('end');
  assert.deepEqual(watcher.told, ['ready m@1/1.1', 'closed: end']);
  assert.equal(admission.connected, false);
});

test('a worker on a Unix socket is offered memory, its watchdog none', { skip: noSharedMemory }, async () => {
  const { admission, come } = gate(EXPECTED, { unix: true });
  const { header } = await (await come(HELLO)).next();
  const { shared } = header as Welcome;
  assert.ok(shared !== undefined && readFileSync(shared.path).subarray(0, shared.token.length).equals(Buffer.from(shared.token)));
  const { header: beating } = await (await come(dog)).next();
  assert.equal((beating as Welcome).shared, undefined);
  admission.close('end');
  assert.throws(() => readFileSync(shared.path), 'it is gone with its replica');
});

test('a watchdog beats, before its worker or after it, and its loss is told', async () => {
  const { watcher, admission, come } = gate();
  const watchdog = await come(dog);
  await come(HELLO);
  watchdog.send(FRAME.heartbeat);
  watchdog.socket.end();
  await watcher.until('watchdog lost: it closed the connection');
  assert.deepEqual(watcher.told, ['heartbeat', 'ready m@1/1.1', 'heartbeat', 'watchdog lost: it closed the connection']);
  admission.close('end');
});

test('who comes when the life is over is sent away, and nobody is told', async () => {
  const { watcher, admission, come } = gate();
  admission.close('end');
  for (const hello of [dog, HELLO]) {
    const peer = await come(hello);
    assert.deepEqual((await peer.next()).kind, FRAME.goodbye);
    await peer.closed;
  }
  assert.deepEqual([watcher.told, admission.connected], [[], false]);
});

test('inputs of the configuration stand in where the container names none', async () => {
  const { watcher, admission, come } = gate({ ...EXPECTED, input: HELLO.inputs });
  const { inputs: _, outputs: __, ...bare } = HELLO;
  await come(bare);
  assert.deepEqual(watcher.facts?.signature, { inputs: HELLO.inputs, outputs: [] });
  assert.equal(watcher.facts?.maxBatch, Number.POSITIVE_INFINITY);
  admission.close('end');
});

const { inputs: _, ...unsigned } = HELLO;
for (const [hello, code] of [
  [{ ...HELLO, wire: 2 }, 'wrong_wire'],
  [{ ...HELLO, model: 'other' }, 'wrong_model'],
  [{ ...HELLO, version: 2 }, 'wrong_model'],
  [unsigned, 'bad_signature'],
  [{ ...HELLO, outputs: [...HELLO.outputs, ...HELLO.outputs] }, 'bad_signature'],
] as const) {
  test(`a hello with ${JSON.stringify(hello).slice(0, 60)}… is refused as ${code}`, async () => {
    const { watcher, come } = gate();
    const peer = await come(hello);
    const { kind, header } = await peer.next();
    assert.deepEqual([kind, (header as { code: string }).code], [FRAME.goodbye, code]);
    await peer.closed;
    assert.deepEqual(watcher.told, [`refused ${code}`]);
  });
}

test('a second worker, and a watchdog of another process, are refused', async () => {
  const { watcher, admission, come } = gate();
  await come(HELLO);
  await come(HELLO);
  await come({ ...dog, pid: 78 });
  assert.deepEqual(watcher.told, ['ready m@1/1.1', 'refused already_connected', 'refused wrong_pid']);
  admission.close('end');
});

test('the watcher has the last word', async () => {
  const { watcher, come } = gate();
  watcher.verdict = { code: 'wrong_output', message: 'no' };
  assert.deepEqual((await (await come(HELLO)).next()).header, { code: 'wrong_output', message: 'no' });
  assert.deepEqual(watcher.told, ['refused wrong_output']);
});
