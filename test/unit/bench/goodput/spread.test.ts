import assert from 'node:assert/strict';
import { test } from 'node:test';
import { spread } from '../../../../bench/goodput/spread.ts';

const program = new URL(`data:text/javascript,${encodeURIComponent(`
  import { parentPort } from 'node:worker_threads';
  parentPort.on('message', (cell) => {
    if (cell < 0) throw new Error('no such cell');
    parentPort.postMessage(2 * cell);
  });
`)}`);

test('results come in the order of the cells', async () => {
  const seen: number[] = [];
  const cells = Array.from({ length: 20 }, (_, i) => i);
  const results = await spread<number>(cells, { program, workers: 3, onResult: (_, done) => seen.push(done) });
  assert.deepEqual(results, cells.map((cell) => 2 * cell));
  assert.deepEqual(seen, cells.map((cell) => cell + 1));
});

test('the first failure ends it all: nothing is played any more', async () => {
  let done = 0;
  const cells = Array.from({ length: 100_000 }, (_, i) => (i === 10 ? -1 : i));
  await assert.rejects(spread(cells, { program, workers: 2, onResult: () => done++ }), /no such cell/);
  const then = done;
  for (let i = 0; i < 100; i++) await new Promise((resolve) => setImmediate(resolve));
  assert.equal(done, then);
  assert.ok(done < cells.length - 1);
});
