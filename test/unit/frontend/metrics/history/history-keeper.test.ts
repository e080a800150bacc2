import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { HistoryStore } from '../../../../../frontend/domain/history-store.ts';
import { CellMeter } from '../../../../../frontend/metrics/cells.ts';
import { HistoryKeeper } from '../../../../../frontend/metrics/history/history-keeper.ts';
import { Watch, WHOLE } from '../../../../../frontend/metrics/history/watch.ts';

class MemoryHistories implements HistoryStore {
  readonly held = new Map<string, Uint8Array>();
  saves: string[] = [];
  isFull = false;

  async load(): Promise<ReadonlyMap<string, Uint8Array>> {
    return new Map(this.held);
  }

  async save(name: string, history: Uint8Array): Promise<void> {
    if (this.isFull) throw new Error('no space left');
    this.saves.push(name);
    this.held.set(name, history);
  }

  async remove(name: string): Promise<void> {
    this.held.delete(name);
  }
}

function quiet(said: string[] = []) {
  const take = (_: object, message: string): void => void said.push(message);
  return { debug: take, info: take, warn: take, error: take };
}

/** A broker's life: its apps are asked, second by second. */
async function live(store: HistoryStore, { apps, fromS, seconds, wanted = apps, said = [] }: { apps: readonly string[]; fromS: number; seconds: number; wanted?: readonly string[]; said?: string[] }) {
  const keeper = await HistoryKeeper.open(store, { log: quiet(said), nowMs: fromS * 1_000 });
  const meter = new CellMeter();
  const watch = new Watch(meter, keeper.earlier);
  for (let second = fromS; second <= fromS + seconds; second++) {
    for (const app of apps) meter.add(meter.cell('tradewind_requests_total', { app, source: 'model', reason: '' }), 3);
    watch.sample(second * 1_000);
    keeper.tick(watch, second * 1_000, (kind, name) => kind !== 'app' || wanted.includes(name));
    await nextTurn();
  }
  return { watch, stop: () => keeper.close(watch) };
}

function answers(watch: Watch, app: string): number[] {
  return [...(watch.track('app', app)?.ring('5m').read().columns.get('answers') ?? [])].filter((value) => value > 0);
}

test('what a stopped broker saw, the next one shows, also of an app that nobody asked yet', async () => {
  const store = new MemoryHistories();
  await (await live(store, { apps: ['a', 'b'], fromS: 1_000, seconds: 20 })).stop();
  const { watch } = await live(store, { apps: ['a'], wanted: ['a', 'b'], fromS: 1_030, seconds: 10 });
  assert.equal(answers(watch, 'a').length, 20 + 10);
  assert.equal(answers(watch, 'b').length, 20);
  assert.ok((watch.track('broker', WHOLE)?.ring('5m').sum('answers') ?? 0) >= 20 * 6);
});

test('a broker that is killed loses a minute at most, and saves one history a second', async () => {
  const store = new MemoryHistories();
  const apps = Array.from({ length: 10 }, (_, i) => `app${i}`);
  await live(store, { apps, fromS: 1_000, seconds: 200 });
  const { watch } = await live(store, { apps: [], wanted: apps, fromS: 1_201, seconds: 0 });
  for (const app of apps) assert.ok(answers(watch, app).length >= 140, app);
  assert.ok(store.saves.length <= 200);
  for (const app of apps) assert.equal(store.saves.filter((name) => name === `app:${app}`).length, 3);
});

test('the history of an app that is gone goes: while the broker runs, and where it went between two runs', async () => {
  const store = new MemoryHistories();
  await (await live(store, { apps: ['a', 'b'], fromS: 1_000, seconds: 5 })).stop();
  assert.deepEqual([...store.held.keys()].toSorted(), ['app:a', 'app:b', 'broker:']);
  const { watch } = await live(store, { apps: ['a'], fromS: 1_006, seconds: 130 });
  assert.deepEqual([...store.held.keys()].toSorted(), ['app:a', 'broker:']);
  assert.deepEqual([...watch.names('app')], ['a']);
});

/** A broker with this many models that nobody asks, and one app that is asked in these seconds. */
async function idle(store: HistoryStore, { models, fromS, seconds, asks = () => false, skips = () => false }: { models: number; fromS: number; seconds: number; asks?: (second: number) => boolean; skips?: (second: number) => boolean }) {
  const keeper = await HistoryKeeper.open(store, { log: quiet(), nowMs: fromS * 1_000 });
  const meter = new CellMeter();
  const watch = new Watch(meter, keeper.earlier);
  for (let n = 0; n < models; n++) meter.set(meter.cell('tradewind_replicas', { model: `m${n}`, version: '1', state: 'ready' }), 2);
  const requests = meter.cell('tradewind_requests_total', { app: 'a', source: 'model', reason: '' });
  for (let second = fromS; second <= fromS + seconds; second++) {
    if (skips(second)) continue;
    if (asks(second)) meter.add(requests, 3);
    watch.sample(second * 1_000);
    keeper.tick(watch, second * 1_000, () => true);
    await nextTurn();
  }
  return { watch, stop: () => keeper.close(watch) };
}

function column(watch: Watch, span: '5m' | '1h' | '1d', name: string): number[] {
  return [...(watch.track('model', name)?.ring(span).read().columns.get('replicas:ready') ?? [])];
}

test('models that nobody asks are noted together once a minute, and a kill takes a minute of them, as of the others', async () => {
  const store = new MemoryHistories();
  const { watch: before } = await idle(store, { models: 30, fromS: 6_000, seconds: 1_800 });
  const [notes, saves] = [true, false].map((isNote) => store.saves.filter((name) => (name === 'standing:') === isNote).length);
  assert.ok(notes !== undefined && notes >= 28 && notes <= 30, `${notes} notes`);
  assert.ok(saves !== undefined && saves <= 32 * 3, `${saves} saves of 32 histories in half an hour`);
  const { watch } = await idle(store, { models: 0, fromS: 7_801, seconds: 0 });
  for (const span of ['5m', '1h', '1d'] as const) {
    const [told, all] = [column(watch, span, 'm7@1'), column(before, span, 'm7@1')];
    assert.ok(told.length >= all.length - 70 / ({ '5m': 1, '1h': 10, '1d': 60 })[span] - 1, `${span}: ${told.length} of ${all.length}`);
    assert.deepEqual(told, all.slice(0, told.length).fill(2), span);
  }
});

test('what stood for longer than a history reaches back is still there', async () => {
  const store = new MemoryHistories();
  const first = await idle(store, { models: 1, fromS: 6_000, seconds: 300 });
  await first.stop();
  const saved = store.held.get('model:m0@1');
  assert.ok(saved !== undefined);
  store.held.set('standing:', Buffer.from(JSON.stringify({ untilMs: 3 * 86_400_000, names: ['model:m0@1'] })));
  const { watch } = await idle(store, { models: 0, fromS: 3 * 86_400 + 1, seconds: 0 });
  assert.deepEqual(column(watch, '1d', 'm0@1'), new Array(1_440).fill(2));
  assert.deepEqual(column(watch, '5m', 'm0@1'), new Array(300).fill(2));
});

test('one that is asked after it stood is saved again, and nothing is told of it twice', async () => {
  const store = new MemoryHistories();
  const asks = (second: number): boolean => second < 6_010 || (second > 6_600 && second < 6_620);
  const { watch: before } = await idle(store, { models: 2, fromS: 6_000, seconds: 720, asks });
  const { watch } = await idle(store, { models: 0, fromS: 6_721, seconds: 0 });
  assert.equal(watch.track('app', 'a')?.ring('1h').sum('answers'), before.track('app', 'a')?.ring('1h').sum('answers'));
  assert.equal(answers(watch, 'a').length, answers(before, 'a').length);
});

test('of the time in which the machine slept nothing is known', async () => {
  const store = new MemoryHistories();
  await idle(store, { models: 1, fromS: 6_000, seconds: 1_200, skips: (second) => second > 6_600 && second < 7_000 });
  const { watch } = await idle(store, { models: 0, fromS: 7_201, seconds: 0 });
  const unknown = column(watch, '1d', 'm0@1').filter(Number.isNaN).length;
  assert.ok(unknown >= 1, `${unknown} minutes are unknown`);
});

test('what is damaged, old or of no kind that there is goes', async () => {
  const store = new MemoryHistories();
  await (await live(store, { apps: ['a'], fromS: 1_000, seconds: 5 })).stop();
  store.held.set('thing:x', new Uint8Array(9));
  store.held.set('app:b', new Uint8Array(9));
  await HistoryKeeper.open(store, { log: quiet(), nowMs: 3 * 86_400_000 });
  assert.deepEqual([...store.held.keys()], []);
});

test('where nothing can be saved that is said once, and all goes on', async () => {
  const store = new MemoryHistories();
  store.isFull = true;
  const said: string[] = [];
  const { watch, stop } = await live(store, { apps: ['a', 'b'], fromS: 1_000, seconds: 150, said });
  await stop();
  assert.equal(said.length, 1);
  assert.equal(answers(watch, 'a').length, 150);
});
