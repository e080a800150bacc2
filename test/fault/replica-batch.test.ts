import assert from 'node:assert/strict';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { RogueOptions } from '../support/rogue-container.ts';
import { batchOf, infer, pairQuery } from '../support/batches.ts';
import { Supervised, rogueSpec } from '../support/supervised.ts';

const deaths: readonly (readonly [NonNullable<RogueOptions['batch']>, RegExp])[] = [
  ['crash', /it closed the connection|ECONNRESET|its watchdog is gone/],
  ['garbage', /not a frame/],
  ['oversize', /payload of \d+ bytes; at most/],
  ['bad_row', /rows\.at\[\]/],
  ['short', /rows\.outputs/],
  ['twice', /row 0 answered twice/],
  ['unknown_batch', /batch 2 is not under way/],
  ['over_credit', /credits/],
];

for (const [fault, why] of deaths) {
  test(`${fault} in answer to a batch: the batch is lost, the replica replaced, its sibling undisturbed`, async () => {
    const world = await Supervised.open();
    const trigger = join(world.folder, 'trigger');
    world.apply(rogueSpec({ batch: fault, onlyWith: trigger, credits: 2 }, { replicas: 2 }));
    const [bad, good] = await world.ready(2);
    assert.ok(bad && good);
    writeFileSync(trigger, '');
    const outcome = await infer(bad, batchOf(pairQuery(1, 2)));
    rmSync(trigger);
    assert.equal(outcome.end.kind, 'lost');
    assert.match(outcome.end.kind === 'lost' ? outcome.end.message : '', why);
    assert.equal(bad.credits, 0);
    assert.deepEqual((await infer(good, batchOf(pairQuery(3)))).end, { kind: 'done', computeMicros: 7 });
    const [, next] = await world.ready(2);
    assert.ok(next && next !== bad);
    assert.deepEqual((await infer(next, batchOf(pairQuery(4)))).end, { kind: 'done', computeMicros: 7 });
    assert.equal(existsSync(trigger), false);
    assert.deepEqual(await world.close(), []);
  });
}

const faults: readonly (readonly [NonNullable<RogueOptions['batch']>, { readonly code: string; readonly message: RegExp }, answered: number])[] = [
  ['wrong_dtype', { code: 'bad_output', message: /output "x" of dtype int32; the signature says float32/ }, 0],
  ['error', { code: 'model_error', message: /^no$/ }, 0],
  ['leave_out', { code: 'rows_missing', message: /1 of 2 rows unanswered/ }, 1],
  ['row_error', { code: 'rows_missing', message: /1 of 2 rows unanswered/ }, 0],
];

for (const [fault, error, answered] of faults) {
  test(`${fault} in answer to a batch: the batch ends as an error, the replica serves on`, async () => {
    const world = await Supervised.open();
    const trigger = join(world.folder, 'trigger');
    world.apply(rogueSpec({ batch: fault, onlyWith: trigger }));
    const link = await world.link();
    writeFileSync(trigger, '');
    const { end, rows, failed } = await infer(link, batchOf(pairQuery(1, 2)));
    rmSync(trigger);
    assert.ok(end.kind === 'done');
    assert.equal(end.error?.code, error.code);
    assert.match(end.error?.message ?? '', error.message);
    assert.equal(rows.size, answered);
    assert.equal(failed.size, fault === 'row_error' ? 1 : 0);
    assert.equal((await infer(link, batchOf(pairQuery(3)))).rows.size, 1);
    assert.deepEqual(await world.close(), []);
  });
}

test('a replica that hangs is fenced: its batch is lost at once and another takes its place', async () => {
  const world = await Supervised.open();
  const trigger = join(world.folder, 'trigger');
  world.apply(rogueSpec({ batch: 'hang', onlyWith: trigger }));
  const link = await world.link();
  writeFileSync(trigger, '');
  const outcome = infer(link, batchOf(pairQuery(1)));
  world.supervisor.hung(link);
  assert.deepEqual((await outcome).end, { kind: 'lost', message: 'hung: its oldest batch is overdue' });
  rmSync(trigger);
  const next = await world.link();
  assert.notEqual(next.id, link.id);
  assert.match(world.status.replicas[0]?.reason ?? '', /^hung: .*; killed by SIGKILL$/);
  assert.deepEqual(await world.close(), []);
});

for (const watchdog of ['mute', 'close'] as const) {
  test(`a replica whose watchdog goes ${watchdog} is dead`, async () => {
    // Only the one that goes mute is waited for: the other one may take its time between its first word and its end.
    const world = await Supervised.open(watchdog === 'mute' ? { silenceMicros: 200_000 } : {});
    world.apply(rogueSpec({ watchdog }));
    const reason = await world.until(() => world.gone[0]);
    assert.match(reason, watchdog === 'mute' ? /its watchdog was silent for 200 ms/ : /its watchdog is gone/);
    assert.deepEqual(await world.close(), []);
  });
}
