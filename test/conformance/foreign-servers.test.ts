import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startForeign, type ForeignKind } from '../../bench/foreign/foreign-server.ts';
import type { ModelSpec, OipContainer } from '../../frontend/domain/model.ts';
import type { Query } from '../../frontend/domain/query.ts';
import { batchOf, infer, queryOf } from '../support/batches.ts';
import { requirePart } from '../support/requirements.ts';
import { Supervised, rogueSpec } from '../support/supervised.ts';

function affine(addresses: readonly string[], more: Partial<OipContainer> = {}): ModelSpec {
  return rogueSpec({}, { name: 'far', container: { kind: 'oip', addresses, model: 'affine', maxInFlight: 2, unbatched: false, ...more } });
}

function text(value: string): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt32LE(Buffer.byteLength(value));
  return Buffer.concat([head, Buffer.from(value)]);
}

/** A row for each number: `x` four times the number, `t` a word with it. */
function rowsOf(...values: readonly number[]): Query {
  return queryOf([
    { name: 'x', dtype: 'float32', shape: [4], rows: values.map((value) => new Uint8Array(Float32Array.of(value, value, value, value).buffer)) },
    { name: 't', dtype: 'bytes', shape: [1], rows: values.map((value) => text(`ä ${value}`)) },
  ]);
}

/** How each says that it cannot: in gRPC, in HTTP. */
const REFUSALS: Readonly<Record<ForeignKind, RegExp>> = { triton: /thirteen/, mlserver: /thirteen/ };
const UNKNOWN: Readonly<Record<ForeignKind, RegExp>> = { triton: /unknown model|not found|not ready/i, mlserver: /not found|not ready/i };

for (const kind of ['triton', 'mlserver'] as const) {
  test(`${kind}: over gRPC and HTTP, rows of several queries share a call and come back to whom they belong; an error ends its batch only; a death is noticed`, { skip: requirePart(kind), timeout: 120_000 }, async (t) => {
    const server = await startForeign(kind);
    t.after(() => server.kill9());
    const world = await Supervised.open();
    t.after(() => world.close());
    world.apply(affine([server.grpc, server.http]));
    const links = await world.ready(2);
    for (const link of links) {
      assert.equal(link.maxBatch, kind === 'triton' ? 64 : Number.POSITIVE_INFINITY);
      const { rows, end } = await infer(link, batchOf(rowsOf(1, 2), rowsOf(3)));
      assert.deepEqual(end, { kind: 'done' });
      for (const [row, value] of [1, 2, 3].entries()) {
        const y = 2 * value + 1;
        assert.deepEqual(rows.get(row), { y: Buffer.from(Float32Array.of(y, y, y, y).buffer), u: text(`Ä ${value}`) }, `${link.id}, row ${row}`);
      }
      const refused = await infer(link, batchOf(rowsOf(1, 13)));
      assert.ok(refused.end.kind === 'done' && refused.rows.size === 0);
      assert.match(refused.end.error?.message ?? '', REFUSALS[kind]);
      assert.equal((await infer(link, batchOf(rowsOf(...Array.from({ length: 64 }, (_, i) => i + 20))))).rows.size, 64);
    }
    assert.deepEqual(world.gone, []);
    const outcomes = links.map((link) => infer(link, batchOf(rowsOf(1))));
    await server.kill9();
    // An answer, a loss, or what a server says whose workers die before it does: each call ends.
    await Promise.all(outcomes);
    await world.until(() => world.gone.length === 2);
    assert.deepEqual(await world.close(), []);
  });

  test(`${kind}: a model that it does not have is said in words`, { skip: requirePart(kind), timeout: 120_000 }, async (t) => {
    const server = await startForeign(kind);
    t.after(() => server.kill9());
    const world = await Supervised.open();
    t.after(() => world.close());
    for (const address of [server.grpc, server.http]) {
      world.apply(affine([address], { model: 'no-such-model' }));
      const said = await world.until(() => world.status.replicas.find((replica) => replica.address === address && replica.reason !== undefined)?.reason);
      assert.match(said, UNKNOWN[kind]);
    }
    assert.deepEqual(world.links, []);
    assert.deepEqual(await world.close(), []);
  });
}
