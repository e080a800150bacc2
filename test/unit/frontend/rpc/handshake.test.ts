import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Hello } from '../../../../protos/wire.ts';
import { FRAME } from '../../../../protos/wire.ts';
import { awaitHello } from '../../../../frontend/rpc/handshake.ts';
import { socketPair } from '../../../support/socket-pair.ts';
import { VirtualClock } from '../../../support/virtual-clock.ts';
import { HELLO, ContainerEnd } from '../../../support/container-end.ts';

async function begun() {
  const { near, far } = await socketPair();
  const clock = new VirtualClock();
  let connection: ReturnType<typeof awaitHello> | undefined;
  const came = new Promise<Hello | string>((resolve) => {
    connection = awaitHello(near, { clock, timeoutMs: 100 }, { hello: (_, hello) => resolve(hello), failed: resolve });
  });
  return { peer: new ContainerEnd(far), clock, came, connection };
}

test('the hello is handed on, and no time limit remains', async () => {
  const { peer, clock, came, connection } = await begun();
  peer.send(FRAME.hello, HELLO);
  assert.deepEqual(await came, HELLO);
  assert.equal(clock.pending, 0);
  connection?.destroy('end');
});

test('who says nothing is sent away at the time limit', async () => {
  const { peer, clock, came } = await begun();
  clock.advance(100_000);
  assert.deepEqual((await peer.next()).header, { code: 'handshake_timeout', message: 'no hello within 100 ms' });
  assert.equal(await came, 'no hello within 100 ms');
});

test('anything but a sound hello ends the connection', async () => {
  for (const [kind, header, why] of [[FRAME.credit, { n: 1 }, /kind 3 before the hello/], [FRAME.hello, { ...HELLO, role: 'king' }, /hello\.role/]] as const) {
    const { peer, clock, came } = await begun();
    peer.send(kind, header);
    const said = await came;
    assert.match(typeof said === 'string' ? said : '', why);
    await peer.closed;
    assert.equal(clock.pending, 0);
  }
});
