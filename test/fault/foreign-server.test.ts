import assert from 'node:assert/strict';
import { createServer } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import type { ModelSpec, OipContainer } from '../../frontend/domain/model.ts';
import type { Query } from '../../frontend/domain/query.ts';
import { GrpcServer } from '../../frontend/rpc/oip/grpc-server.ts';
import { SendBuffers } from '../../frontend/rpc/send-buffers.ts';
import { TestSink, batchOf, infer, pairQuery, pairRow, queryOf } from '../support/batches.ts';
import { until } from '../support/broker-process.ts';
import { makeCertificate } from '../support/certificates.ts';
import { OipStub, type StubInfer, type StubTensor } from '../support/oip-stub.ts';
import { requirePart } from '../support/requirements.ts';
import { Supervised, rogueSpec } from '../support/supervised.ts';

const PROTOCOLS = ['grpc', 'http'] as const;

function foreign(addresses: readonly string[], more: Partial<OipContainer> = {}, spec: Partial<ModelSpec> = {}): ModelSpec {
  return rogueSpec({}, { name: 'far', container: { kind: 'oip', addresses, model: 'theirs', maxInFlight: 1, unbatched: false, ...more }, ...spec });
}

/** Why the first replica's last life ended, once it has. */
function reason(world: Supervised, expected: RegExp): Promise<string> {
  return world.until(() => {
    const said = world.status.replicas[0]?.reason;
    return said !== undefined && expected.test(said) && said;
  });
}

test('grpc: a batch that comes between the end of the connection and the word of it is lost, once', async (t) => {
  const peer = createServer().on('session', (session) => session.on('error', () => {})).on('stream', ({ session }) => setImmediate(() => session?.destroy()));
  await new Promise<void>((resolve) => peer.listen(0, '127.0.0.1', resolve));
  t.after(() => new Promise((resolve) => peer.close(resolve)));
  const { port } = peer.address() as AddressInfo;
  const told: string[] = [];
  await new Promise<void>((resolve) => {
    const server = new GrpcServer({ protocol: 'grpc', tls: false, host: '127.0.0.1', port, origin: `http://127.0.0.1:${port}` }, { model: 'm', version: undefined, ca: undefined, maxInFlight: 1, unbatched: false }, {
      buffers: new SendBuffers(), watcher: { leaving: () => {}, gone: () => { told.push('end'); } },
    });
    const send = (then: () => void): void => {
      assert.equal(server.infer(batchOf(pairQuery(1)), (result) => {
        told.push('kind' in result ? result.kind : 'answered');
        then();
      }), undefined);
    };
    send(() => send(() => setImmediate(() => setImmediate(resolve))));
  });
  assert.deepEqual(told.toSorted(), ['end', 'gone', 'gone']);
});

for (const protocol of PROTOCOLS) {
  test(`${protocol}: a server that is down is tried again and again, and serves once it is up`, async (t) => {
    const stub = await OipStub.open(t, { protocol });
    await stub.stop();
    const world = await Supervised.open();
    world.apply(foreign([stub.address]));
    await reason(world, /^(grpc|http):\/\/127\.0\.0\.1:\d+: .*ECONNREFUSED/);
    await stub.start();
    const { end } = await infer(await world.link(), batchOf(pairQuery(1)));
    assert.equal(end.kind, 'done');
    assert.deepEqual(await world.close(), []);
  });

  test(`${protocol}: a model that is not ready is not taken, and one that is ready no longer is given up`, async (t) => {
    const stub = await OipStub.open(t, { protocol, ready: false });
    const world = await Supervised.open();
    world.apply(foreign([stub.address]));
    await reason(world, /its model "theirs" is not ready/);
    assert.deepEqual(world.links, []);
    stub.behaviour.ready = true;
    await world.link();
    stub.behaviour.ready = false;
    assert.match(await world.until(() => world.gone[0]), /its model "theirs" is no longer ready/);
    stub.behaviour.ready = true;
    await world.link();
    assert.deepEqual(await world.close(), []);
  });

  test(`${protocol}: a server that no longer answers probes is given up, and its batch is lost`, async (t) => {
    const stub = await OipStub.open(t, { protocol });
    const world = await Supervised.open({}, undefined, { timeoutMs: 40 });
    world.apply(foreign([stub.address]));
    const link = await world.link();
    stub.behaviour.infer = 'hang';
    stub.behaviour.mute = true;
    const { end } = await infer(link, batchOf(pairQuery(1)));
    assert.deepEqual(end, { kind: 'lost', message: 'no answer within 40 ms to 3 probes in a row' });
    assert.deepEqual(await world.close(), []);
  });

  const unusable: readonly (readonly [StubInfer, code: string, message: RegExp])[] = [
    ['refuse', protocol === 'grpc' ? 'invalid_argument' : 'http_400', /no: ä 100 %$/],
    ['garbage', 'bad_answer', /./],
    ['wrong_rows', 'bad_output', /^output "x" has the shape \[3, 2\] in the answer to 2 rows$/],
    ['wrong_dtype', 'bad_output', /^output "x" of dtype int32; the signature says float32$/],
    ['short', 'bad_output', /^output "x" has the shape \[2, 2\] and 15 bytes; expected 16$/],
    ['no_outputs', 'bad_output', /^an answer without outputs$/],
    ['long_name', 'bad_output', /^an output "n{489}…$/],
    ...(protocol === 'http' ? [['redirect', 'http_307', /^HTTP 307: it points to https:\/\/elsewhere\/; where it points is not followed$/] as const] : []),
  ];
  for (const [fault, code, message] of unusable) {
    test(`${protocol}: ${fault} in answer to a batch ends it as ${code}; the next one is answered, and a neighbour never notices`, async (t) => {
      const stub = await OipStub.open(t, { protocol });
      const neighbour = await OipStub.open(t, { protocol });
      const world = await Supervised.open();
      world.apply(foreign([stub.address, neighbour.address]));
      const [link, other] = await world.ready(2);
      assert.ok(link && other);
      for (const one of [stub, neighbour]) one.behaviour.infer = fault;
      neighbour.behaviour.infer = 'echo';
      const [bad, good] = await Promise.all([infer(link, batchOf(pairQuery(1, 2))), infer(other, batchOf(pairQuery(1, 2)))]);
      assert.deepEqual([good.rows.size, good.end], [2, { kind: 'done' }]);
      assert.ok(bad.end.kind === 'done' && bad.rows.size === 0);
      assert.equal(bad.end.error?.code, code);
      assert.match(bad.end.error?.message ?? '', message);
      stub.behaviour.infer = 'echo';
      assert.equal((await infer(link, batchOf(pairQuery(3)))).rows.size, 1);
      assert.deepEqual(world.gone, []);
      assert.deepEqual(await world.close(), []);
    });
  }

  test(`${protocol}: a server that says it is unavailable loses the batch and is dialled anew`, async (t) => {
    const stub = await OipStub.open(t, { protocol, infer: 'unavailable' });
    const world = await Supervised.open();
    world.apply(foreign([stub.address]));
    const link = await world.link();
    const { end } = await infer(link, batchOf(pairQuery(1)));
    assert.ok(end.kind === 'lost');
    assert.match(end.message, /UNAVAILABLE: not now|HTTP 503: no/);
    stub.behaviour.infer = 'echo';
    assert.equal((await infer(await world.link(), batchOf(pairQuery(1)))).rows.size, 1);
    assert.deepEqual(await world.close(), []);
  });

  test(`${protocol}: a server that flaps comes back each time, and never has more than one life`, async (t) => {
    const stub = await OipStub.open(t, { protocol });
    const world = await Supervised.open();
    world.apply(foreign([stub.address]));
    for (let flap = 1; flap <= 4; flap++) {
      const link = await world.link();
      assert.equal((await infer(link, batchOf(pairQuery(flap)))).rows.size, 1);
      await stub.stop();
      await world.until(() => world.gone.length === flap);
      await stub.start();
    }
    await world.link();
    assert.equal(world.links.length, 1);
    assert.deepEqual(await world.close(), []);
  });

  test(`${protocol}: another model in the place of the one that was dialled is noticed by its answers and judged anew`, async (t) => {
    const stub = await OipStub.open(t, { protocol });
    const world = await Supervised.open();
    world.apply(foreign([stub.address], {}, { input: [{ name: 'x', dtype: 'float32', shape: [2] }] }));
    const link = await world.link();
    stub.behaviour.infer = 'wrong_rows';
    stub.behaviour.outputs = [{ name: 'y', datatype: 'INT64', shape: [-1] }];
    await infer(link, batchOf(pairQuery(1)));
    assert.equal(await world.until(() => world.gone[0]), 'its metadata is no longer what it was');
    const next = await world.link();
    assert.deepEqual(next.signature.outputs, [{ name: 'y', dtype: 'int64', shape: [] }]);
    assert.deepEqual(await world.close(), []);
  });

  test(`${protocol}: a server whose model has another signature than its sibling's is refused`, async (t) => {
    const stub = await OipStub.open(t, { protocol });
    const other = await OipStub.open(t, { protocol, inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, 3] }] });
    const world = await Supervised.open();
    world.apply(foreign([stub.address]));
    await world.link();
    world.apply(foreign([stub.address, other.address]));
    const refused = await world.until(() => world.status.replicas.find(({ deaths }) => deaths > 0));
    assert.match(refused.reason ?? '', /^refused \(signature_mismatch\)/);
    assert.equal(world.links.length, 1);
    assert.deepEqual(await world.close(), []);
  });

  test(`${protocol}: a model without a batch dimension is refused in words, or sent one row a call`, async (t) => {
    const fixed: readonly StubTensor[] = [{ name: 'x', datatype: 'FP32', shape: [2] }];
    const stub = await OipStub.open(t, { protocol, inputs: fixed, maxBatchSize: 8 });
    const world = await Supervised.open();
    world.apply(foreign([stub.address]));
    await reason(world, /^refused \(no_batch_dimension\): its input "x" has the shape \[2\], without a batch dimension \(-1\) in front; with `unbatched: true`/);
    world.apply(foreign([stub.address], { unbatched: true }));
    const link = await world.link();
    assert.deepEqual([link.maxBatch, link.signature.inputs], [1, [{ name: 'x', dtype: 'float32', shape: [2] }]]);
    assert.equal((await infer(link, batchOf(pairQuery(1)))).rows.size, 1);
    assert.deepEqual(stub.calls[0]?.inputs, [{ name: 'x', datatype: 'FP32', shape: [2] }]);
    assert.deepEqual(await world.close(), []);
  });

  test(`${protocol}: a server gets as many calls at a time as its credits, told until when they matter and whose work they are, and its own limit of rows holds`, async (t) => {
    const stub = await OipStub.open(t, { protocol, maxBatchSize: 5, infer: 'hang' });
    const world = await Supervised.open();
    world.apply(foreign([stub.address], { maxInFlight: 3, version: '7' }));
    const link = await world.link();
    assert.deepEqual([link.maxBatch, link.credits], [5, 3]);
    const sinks = [1, 2, 3].map(() => new TestSink());
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    for (const [i, sink] of sinks.entries()) link.infer(i === 1 ? { ...batchOf(pairQuery(1), pairQuery(2)), traceparent } : batchOf(pairQuery(1), pairQuery(2)), sink);
    assert.equal(link.credits, 0);
    assert.throws(() => link.infer(batchOf(pairQuery(1)), new TestSink()), /without a credit/);
    await stub.called(3);
    assert.deepEqual(stub.calls[0], { model: 'theirs', version: '7', timeoutMicros: 50_000, inputs: [{ name: 'x', datatype: 'FP32', shape: [2, 2] }] });
    assert.deepEqual(stub.calls.flatMap((call) => call.traceparent ?? []), [traceparent]);
    world.supervisor.hung(link);
    for (const sink of sinks) assert.equal((await sink.ended).end.kind, 'lost');
    assert.deepEqual(await world.close(), []);
  });

  test(`${protocol}: large batches go and come back whole; one that is too large for the server is an error of that batch`, async (t) => {
    const stub = await OipStub.open(t, { protocol, inputs: [{ name: 'x', datatype: 'UINT8', shape: [-1, -1] }] });
    const world = await Supervised.open();
    world.apply(foreign([stub.address]));
    const link = await world.link();
    const rowsOf = (bytes: number): Query => queryOf([{ name: 'x', dtype: 'uint8', shape: [bytes], rows: [1, 2, 3].map((value) => new Uint8Array(bytes).fill(value)) }]);
    const { rows, end } = await infer(link, batchOf(rowsOf(1_000_000)));
    assert.deepEqual(end, { kind: 'done' });
    for (const row of [0, 1, 2]) assert.ok(rows.get(row)?.['x']?.equals(Buffer.alloc(1_000_000, row + 1)));
    // grpc-js takes 4 MiB; the stub's HTTP side takes anything.
    const large = await infer(link, batchOf(rowsOf(2_000_000)));
    assert.equal(large.end.kind === 'done' && large.end.error?.code, protocol === 'grpc' ? 'resource_exhausted' : undefined);
    assert.deepEqual(world.gone, []);
    assert.deepEqual(await world.close(), []);
  });

  test(`${protocol}: addresses that come and go, thirty times, leave no socket behind and lose no batch`, async (t) => {
    const stubs = [await OipStub.open(t, { protocol }), await OipStub.open(t, { protocol })];
    const sockets = (): number => process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length;
    const before = sockets();
    const world = await Supervised.open();
    const both = stubs.map(({ address }) => address);
    for (let step = 0; step < 30; step++) {
      world.apply(foreign(step % 2 === 0 ? both : both.slice(step % 4 === 1 ? 1 : 0, step % 4 === 1 ? 2 : 1)));
      const links = await world.ready(step % 2 === 0 ? 2 : 1);
      const outcomes = await Promise.all(links.map((link) => infer(link, batchOf(pairQuery(step)))));
      for (const { rows, end } of outcomes) assert.deepEqual([end, rows.get(0)], [{ kind: 'done' }, { x: Buffer.from(pairRow(step)) }]);
    }
    assert.deepEqual(await world.close(), []);
    await until('no socket left', () => sockets() <= before);
  });

  test(`${protocol}: a certificate that nobody vouches for is refused; with its authority the server is taken`, { skip: requirePart('openssl') }, async (t) => {
    const tls = makeCertificate(t);
    const stub = await OipStub.open(t, { protocol, tls });
    const world = await Supervised.open();
    world.apply(foreign([stub.address]));
    await reason(world, /its certificate is not trusted: self-signed certificate \(DEPTH_ZERO_SELF_SIGNED_CERT\)/);
    assert.deepEqual(world.links, []);
    world.apply(foreign([stub.address], { caFile: tls.certFile }));
    assert.equal((await infer(await world.link(), batchOf(pairQuery(1)))).rows.size, 1);
    world.apply(foreign([stub.address], { caFile: `${tls.certFile}.gone` }));
    await world.until(() => world.status.replicas.some(({ reason: said }) => /the certificates of .* cannot be used: ENOENT/.test(said ?? '')));
    assert.deepEqual(await world.close(), []);
  });
}
