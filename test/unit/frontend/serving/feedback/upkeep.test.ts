import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StoreFault } from '../../../../../frontend/domain/feedback.ts';
import { FeedbackUpkeep } from '../../../../../frontend/serving/feedback/upkeep.ts';
import { countingPolicy } from '../../../../support/counting-policy.ts';
import { EPOCH_MS, FeedbackWorld } from '../../../../support/feedback-world.ts';

const WINDOW_MS = 60_000;
const SILENT_AFTER_MICROS = (WINDOW_MS + 120_001) * 1000;

async function make(more: Parameters<typeof FeedbackWorld.make>[1] = {}): Promise<{ world: FeedbackWorld; upkeep: FeedbackUpkeep; faults: StoreFault[] }> {
  const world = await FeedbackWorld.make({ windowMs: WINDOW_MS, defaultReward: 0.25 }, more);
  const faults: StoreFault[] = [];
  const upkeep = new FeedbackUpkeep({
    store: world.store, revisions: world.revisions, apps: { get: () => world.app }, clock: world.clock, epochOffsetMicros: EPOCH_MS * 1000, bounds: { maxClaims: 10, maxCells: 10, maxKeys: 1000 },
    give: (own) => world.feedback.giveOwn(own), onStoreFault: (fault) => faults.push(fault),
  });
  await upkeep.serve(world.app === undefined ? [] : [world.app.spec]);
  return { world, upkeep, faults };
}

test('silence is worth the default reward once the window is over, and only silence', async () => {
  const { world, upkeep } = await make();
  const spoken = world.recorded();
  for (let i = 0; i < 7; i++) world.recorded(i === 3 ? { mode: 'pinned' } : i === 4 ? { rows: 2, asked: [{ arm: 'y', version: 1, outputs: [null, null] }] } : {});
  await world.give({ decisionId: spoken, reward: 1 });
  await world.settled(upkeep.round());
  assert.equal(world.cells['n/x'], 1n, 'it is too early');
  world.clock.advance(SILENT_AFTER_MICROS);
  world.store.leased = false;
  await world.settled(upkeep.round());
  assert.equal(world.cells['n/x'], 1n, 'somebody else does it');
  world.store.leased = true;
  await world.settled(upkeep.round());
  const units = 2n ** 20n;
  assert.deepEqual(world.cells, { latest: BigInt(EPOCH_MS) * 1000n, 'n/x': 6n, 'n/y': 2n, 'r/x': units + (5n * units) / 4n, 'r/y': units / 2n });
  await world.settled(upkeep.round());
  assert.equal(world.cells['n/x'], 6n, 'once');
  assert.equal(world.meter.value('tradewind_feedback_own_total', { app: 'a', cause: 'silence' }), 7);
});

test('what the store could not take is swept again', async () => {
  const { world, upkeep, faults } = await make();
  world.recorded();
  world.clock.advance(SILENT_AFTER_MICROS);
  world.store.full = 'claims';
  await world.settled(upkeep.round());
  world.store.full = undefined;
  world.store.trouble = 'slow';
  await world.settled(upkeep.round());
  assert.deepEqual(faults.map(({ trouble }) => trouble), ['slow']);
  world.store.trouble = undefined;
  await world.settled(upkeep.round());
  assert.equal(world.cells['n/x'], 1n);
});

test('a record that cannot be read is passed over, and holds up nobody', async () => {
  const { world, upkeep, faults } = await make();
  world.recorded();
  const broken = world.store.journal[0] ?? assert.fail();
  world.store.journal[0] = { ...broken, record: broken.record.subarray(0, 20) };
  const decisionId = world.recorded();
  assert.deepEqual(await world.words({ decisionId: world.receipts.sign({ ...world.receipt({ journal: 'kept' }), id: broken.id }), label: 7 }, { decisionId, label: 7 }), ['feedback_unavailable', 'accepted']);
  world.recorded();
  world.clock.advance(SILENT_AFTER_MICROS);
  await world.settled(upkeep.round());
  assert.deepEqual([world.cells['n/x'], world.store.sweptCount, faults], [2n, 3, []]);
});

test('silence of decisions whose claims went with a shorter window is not rewarded, and does not hold up the sweep', async () => {
  const { world, upkeep } = await make();
  world.recorded();
  world.clock.advance(SILENT_AFTER_MICROS);
  world.store.forgets = true;
  await world.settled(upkeep.round());
  assert.equal(world.cells['n/x'], undefined, 'it may have been rewarded before');
  assert.equal(world.store.sweptCount, 1);
  assert.equal(world.meter.value('tradewind_feedback_own_total', { app: 'a', cause: 'dropped' }), 1);
});

test('silence of many rows is rewarded piece by piece, and callers are heard beside it', async () => {
  const { world, upkeep } = await make({ maxOpen: 300 });
  for (let i = 0; i < 2; i++) world.recorded({ rows: 400, asked: [{ arm: 'x', version: 1, outputs: new Array(400).fill(7) }] }, { rows: 400 });
  world.clock.advance(SILENT_AFTER_MICROS);
  const round = upkeep.round();
  await world.settled(new Promise((resolve) => setImmediate(resolve)));
  assert.deepEqual(await world.words({ decisionId: world.decide({ atEpochMs: EPOCH_MS + SILENT_AFTER_MICROS / 1000 }), reward: 1 }), ['accepted']);
  await world.settled(round);
  assert.equal(world.cells['n/x'], 801n);
  assert.equal(world.store.sweptCount, 2);
});

test('a decision whose claim may have gone already is let go', async () => {
  const { world, upkeep } = await make();
  world.recorded();
  world.clock.advance(3_600_000_000 + SILENT_AFTER_MICROS);
  await world.settled(upkeep.round());
  assert.deepEqual(world.cells, {});
  assert.equal(world.store.sweptCount, 1);
});

test('the store is told whom it serves, again until it knows', async () => {
  const { world, upkeep, faults } = await make();
  assert.deepEqual(world.store.served.map(({ name, windowMs, journalMaxAgeMs, maxClaims }) => [name, windowMs, journalMaxAgeMs >= WINDOW_MS + 3_600_000, maxClaims]), [['a', WINDOW_MS, true, 10]]);
  world.store.trouble = 'locked';
  await upkeep.serve([]);
  assert.equal(faults.length, 1);
  world.store.trouble = undefined;
  await upkeep.round();
  assert.deepEqual(world.store.served, []);
});

test('age, bytes and cells that no view reads are looked after now and then', async () => {
  const policy = { ...countingPolicy, expired: (cells: ReadonlyMap<string, bigint>) => [...cells.keys()].filter((cell) => cell === 'n/x') };
  const { world, upkeep } = await make({ policy });
  await world.give({ decisionId: world.decide(), reward: 1 });
  upkeep.start();
  for (let second = 0; second < 31; second++) {
    world.clock.advance(1_000_000);
    for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
  }
  assert.equal(world.store.trims, 1);
  assert.equal(world.cells['n/x'], undefined);
  await upkeep.stop();
  assert.equal(world.clock.pending, 0);
});

test('while no silence is rewarded it wakes for age and bytes only, and each second once one is, or while the store does not know its apps', async () => {
  const { world, upkeep } = await make();
  let wakes = 0;
  const clock = { now: () => world.clock.now(), arrived: () => world.clock.arrived(), defer: (run: () => void) => world.clock.defer(run), wakeAt: (at: number, wake: () => void) => world.clock.wakeAt(at, () => (wakes++, wake())) };
  const quiet = new FeedbackUpkeep({
    store: world.store, revisions: world.revisions, apps: { get: () => undefined }, clock, epochOffsetMicros: 0, bounds: { maxClaims: 10, maxCells: 10, maxKeys: 1000 },
    give: async () => true, onStoreFault: () => undefined,
  });
  const pass = async (seconds: number): Promise<number> => {
    wakes = 0;
    for (let second = 0; second < seconds; second++) {
      world.clock.advance(1_000_000);
      for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
    }
    return wakes;
  };
  const spec = world.app?.spec;
  assert.ok(spec?.feedback !== undefined);
  const { defaultReward: _, ...feedback } = spec.feedback;
  await quiet.serve([{ ...spec, feedback }]);
  quiet.start();
  assert.deepEqual([await pass(90), world.store.trims], [3, 3]);
  await quiet.serve([spec]);
  assert.equal(await pass(5), 5);
  world.store.trouble = 'unreachable';
  await quiet.serve([]);
  assert.equal(await pass(4), 4);
  world.store.trouble = undefined;
  assert.equal(await pass(31), 2, 'one more to tell the store, and then as before');
  await quiet.stop();
  await upkeep.stop();
  assert.equal(world.clock.pending, 0);
});

test('silence says nothing of rows that got the default, and has the context of its query', async () => {
  const seen: unknown[] = [];
  const policy = { ...countingPolicy, contextual: true, contribution: (event: Parameters<typeof countingPolicy.contribution>[0]) => (seen.push(event.context), countingPolicy.contribution(event, [])) };
  const { world, upkeep } = await make({ policy });
  world.recorded({ rows: 2, context: { age: 7 }, asked: [{ arm: 'x', version: 1, outputs: [null, 7] }], defaults: [0] }, { rows: 2, partly: true });
  world.clock.advance(SILENT_AFTER_MICROS);
  await world.settled(upkeep.round());
  assert.equal(world.cells['n/x'], 1n);
  assert.deepEqual(seen, [{ age: 7 }]);
});

test('silence of a context key is its own too', async () => {
  const { world, upkeep } = await make({ spec: { contextKey: 'user', policy: 'thompson' } });
  const ann = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);
  world.recorded({ contextHash: ann });
  world.recorded();
  world.clock.advance(SILENT_AFTER_MICROS);
  await world.settled(upkeep.round());
  assert.equal(world.cells['n/x'], 2n);
  assert.equal((await world.store.readKeys('a', [ann]))[0]?.get('n/x'), 1n);
});
