import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LearnedLatency } from '../../../../frontend/batching/latency/learned-latency.ts';
import { LatencyKeeper, SAVE_EVERY_MICROS } from '../../../../frontend/dispatch/latency-keeper.ts';
import type { LatencyStore } from '../../../../frontend/domain/latency-store.ts';
import type { Log } from '../../../../frontend/domain/log.ts';
import type { ModelKey } from '../../../../frontend/domain/model.ts';
import { VirtualClock } from '../../../support/virtual-clock.ts';

const V1 = { name: 'm', version: 1 };
const V2 = { name: 'm', version: 2 };
const V5 = { name: 'm', version: 5 };

class Store implements LatencyStore {
  readonly records = new Map<ModelKey, unknown>();
  saves = 0;
  fails = false;

  async loadLatencies(): Promise<ReadonlyMap<ModelKey, unknown>> {
    return new Map(this.records);
  }

  async saveLatencies(records: ReadonlyMap<ModelKey, unknown>): Promise<void> {
    if (this.fails) throw new Error('the disk is full');
    this.saves++;
    for (const [key, record] of records) this.records.set(key, JSON.parse(JSON.stringify(record)));
  }
}

async function opened(store = new Store()) {
  const clock = new VirtualClock();
  const lines: string[] = [];
  const line = (_: object, message: string) => void lines.push(message);
  const log: Log = { debug: line, info: line, warn: line, error: line };
  return { store, clock, lines, keeper: await LatencyKeeper.open({ store, clock, log }) };
}

/** Batches of a law with `perRowMicros`. */
function teach(model: LearnedLatency, perRowMicros = 100): LearnedLatency {
  for (let i = 0; i < 60; i++) {
    const rows = 2 ** (i % 6);
    model.observe({ replica: 'r', rows, micros: 2000 + perRowMicros * rows }, i * 10_000);
  }
  return model;
}

function near(actual: number, expected: number): void {
  assert.ok(Math.abs(actual - expected) < 0.03 * expected, `${actual}, expected ${expected}`);
}

test('what was learned is saved every minute, and the next run begins with it', async () => {
  const { store, clock, keeper } = await opened();
  teach(keeper.begin(V1));
  clock.advance(SAVE_EVERY_MICROS - 1);
  assert.equal(store.saves, 0);
  clock.advance(1);
  await keeper.save();
  assert.ok(store.saves >= 1);
  clock.advance(SAVE_EVERY_MICROS);
  await keeper.save();
  assert.ok(store.saves >= 2);
  const next = await opened(store);
  near(next.keeper.begin(V1).law.meanMicros(20), 4000);
});

test('it saves once more when it closes, and leaves nothing behind', async () => {
  const { store, clock, keeper } = await opened();
  teach(keeper.begin(V1));
  await keeper.close();
  assert.equal(store.saves, 1);
  assert.equal(clock.pending, 0);
});

test('a version that has learned nothing is not saved', async () => {
  const { store, keeper } = await opened();
  keeper.begin(V1);
  await keeper.close();
  assert.equal(store.saves, 0);
});

test('a new version begins from the nearest lower one, running, ended or stored', async () => {
  const { store, keeper } = await opened();
  teach(keeper.begin(V1));
  const second = keeper.begin(V2);
  near(second.law.meanMicros(20), 4000);
  teach(second, 300);
  keeper.retain({});
  near(keeper.begin(V5).law.meanMicros(20), 8000);
  assert.equal(keeper.begin({ name: 'other', version: 9 }).law.meanMicros(20), 0);
  await keeper.close();
  const next = await opened(store);
  near(next.keeper.begin({ name: 'm', version: 3 }).law.meanMicros(20), 8000);
  near(next.keeper.begin(V1).law.meanMicros(20), 4000);
});

test('a queue that takes over from another of the same version knows what that knew', async () => {
  const { keeper } = await opened();
  teach(keeper.begin(V1));
  near(keeper.begin(V1).law.meanMicros(20), 4000);
});

test('what cannot be used is left out, with a line in the log', async () => {
  const store = new Store();
  store.records.set('m@1', { format: 99 }).set('m@2', undefined);
  const { keeper, lines } = await opened(store);
  assert.equal(keeper.begin(V1).law.meanMicros(1), 0);
  assert.equal(lines.length, 2);
});

test('a save that fails is logged, and made up for', async () => {
  const { store, keeper, lines } = await opened();
  teach(keeper.begin(V1));
  keeper.retain({});
  store.fails = true;
  await keeper.save();
  assert.deepEqual(lines, ['the latency models could not be saved']);
  store.fails = false;
  await keeper.close();
  assert.ok(store.records.has('m@1'));
});

test('of very many versions those saved last are kept', async () => {
  const { store, keeper } = await opened();
  for (let version = 1; version <= 1030; version++) {
    keeper.begin({ name: 'm', version }).observe({ replica: 'r', rows: 1, micros: version }, 0);
    keeper.retain({});
  }
  await keeper.close();
  assert.equal(store.records.size, 1024);
  assert.ok(!store.records.has('m@6') && store.records.has('m@1030'));
});
