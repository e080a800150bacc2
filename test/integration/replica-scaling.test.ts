import assert from 'node:assert/strict';
import { test } from 'node:test';
import { batchOf, infer, pairQuery } from '../support/batches.ts';
import { Supervised, rogueSpec } from '../support/supervised.ts';

test('replicas are added, and taken away newest first, without losing a batch', async () => {
  const world = await Supervised.open();
  const spec = rogueSpec();
  world.apply(spec);
  const first = await world.link();
  world.apply({ ...spec, replicas: 3 });
  const three = await world.ready(3);
  const outcomes = three.map((link, i) => infer(link, batchOf(pairQuery(i))));
  world.apply({ ...spec, replicas: 1 });
  assert.deepEqual(world.links, [first]);
  assert.deepEqual((await Promise.all(outcomes)).map(({ end }) => end.kind), ['done', 'done', 'done']);
  await world.until(() => world.status.replicas.length === 1);
  assert.equal(world.status.replicas[0]?.id, first.id);
  assert.deepEqual(await world.close(), []);
});

test('a changed spec replaces the replicas, and the old ones serve until the new ones do', async () => {
  const world = await Supervised.open();
  const spec = rogueSpec();
  world.apply(spec);
  const old = await world.link();
  world.apply({ ...spec, options: { credits: 2 } });
  assert.deepEqual(world.links, [old]);
  const [next] = await world.until(() => world.gone.length > 0 && world.links.some(({ credits }) => credits === 2) && world.links);
  assert.notEqual(next?.id, old.id);
  await world.until(() => world.status.replicas.length === 1);
  // What replicas need not know changes without them.
  world.apply({ ...spec, options: { credits: 2 }, sloMs: 50 });
  assert.deepEqual(world.links, [next]);
  assert.deepEqual(await world.close(), []);
});

test('a model that is no longer wanted drains and is forgotten', async () => {
  const world = await Supervised.open();
  world.apply(rogueSpec());
  const link = await world.link();
  const outcome = infer(link, batchOf(pairQuery(1, 2)));
  world.apply();
  assert.equal(link.credits, 0);
  assert.equal((await outcome).rows.size, 2);
  await world.until(() => world.supervisor.status().length === 0);
  assert.deepEqual(await world.close(), []);
});
