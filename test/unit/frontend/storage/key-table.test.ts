import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KeyTable } from '../../../../frontend/storage/key-table.ts';
import { plainCells } from '../../../support/counting-policy.ts';

const key = (n: number): Uint8Array => Uint8Array.of(n >>> 8, n, 1, 1, 1, 1, 1, 1);
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A table over a store that answers when the test says so. */
function world(maxBytes = 1e6) {
  const calls: { readonly app: string; readonly contexts: readonly Uint8Array[]; readonly answer: (n: bigint) => Promise<void>; readonly fail: () => Promise<void> }[] = [];
  const table: KeyTable = new KeyTable({
    maxBytes,
    load: (app, contexts) => new Promise((resolve, reject) => {
      const after = async (settle: () => void): Promise<void> => {
        settle();
        await turn();
      };
      calls.push({
        app, contexts, fail: () => after(() => reject(new Error('the store is away'))),
        answer: (n) => after(() => {
          for (const context of contexts) table.put(app, context, [['n', n]]);
          resolve();
        }),
      });
    }),
  });
  return { table, calls };
}

test('keys that are asked for in one turn are read in one call, each once, and then held', async () => {
  const { table, calls } = world();
  for (const n of [1, 2, 1, 3, 2]) assert.equal(table.ofKey('a', key(n)), undefined);
  table.ofKey('b', key(1));
  await turn();
  table.ofKey('a', key(3));
  await turn();
  assert.deepEqual(calls.map(({ app, contexts }) => [app, contexts.length]), [['a', 3], ['b', 1]]);
  await calls[0]?.answer(5n);
  assert.equal(table.ofKey('a', key(2))?.cells.get('n'), 5n);
  assert.equal(table.ofKey('b', key(1)), undefined);
  assert.equal(table.size, 3);
});

test('a key that could not be read is asked for again', async () => {
  const { table, calls } = world();
  table.ofKey('a', key(1));
  await turn();
  await calls[0]?.fail();
  table.ofKey('a', key(1));
  await turn();
  assert.equal(calls.length, 2);
});

test('changes are for keys that are held, and raise their version', () => {
  const { table } = world();
  table.add('a', key(1), [{ cell: 'n', add: 1n }]);
  assert.equal(table.peek('a', key(1)), undefined, 'of a cold key the store knows');
  table.put('a', key(1), [['n', 2n]]);
  const held = table.ofKey('a', key(1));
  assert.ok(held !== undefined);
  const versions = [held.version];
  for (const change of [() => table.add('a', key(1), [{ cell: 'n', add: 1n }, { cell: 'm', max: 4n }]), () => table.put('a', key(1), [['n', 9n]]), () => table.remove('a', key(1), ['n'])]) {
    change();
    versions.push(held.version);
  }
  assert.deepEqual(versions, versions.toSorted((a, b) => a - b));
  assert.equal(new Set(versions).size, 4);
  assert.equal(table.ofKey('a', key(1)), held, 'one object as long as it is held');
  assert.deepEqual(plainCells(held.cells), {});
});

test('the bytes of all keys are bounded: those that were not used for the longest time go', () => {
  const { table } = world(50_000);
  for (let n = 0; n < 1000; n++) {
    table.put('a', key(n), [['some-arm/n', 1n], ['some-arm/s', 1n]]);
    table.ofKey('a', key(0));
    assert.ok(table.bytes <= 50_000);
  }
  assert.ok(table.size > 20 && table.size < 100, `${table.size}`);
  assert.ok(table.peek('a', key(0)) !== undefined, 'who is used stays');
  assert.ok(table.peek('a', key(999)) !== undefined);
  assert.equal(table.peek('a', key(500)), undefined);
  table.forget('a');
  assert.deepEqual([table.size, table.bytes], [0, 0]);
});

test('what is held of one app can be looked at, and goes with it', () => {
  const { table } = world();
  table.put('a', key(1), [['n', 1n]]);
  table.put('a', key(2), []);
  table.put('b', key(1), [['n', 2n]]);
  assert.deepEqual(table.held('a', 10).map(({ cells }) => plainCells(cells)), [{ n: 1n }]);
  assert.deepEqual(table.held('a', 0), []);
  table.keep(new Set(['b']));
  assert.deepEqual([table.held('a', 10).length, table.held('b', 10).length, table.size], [0, 1, 1]);
});
