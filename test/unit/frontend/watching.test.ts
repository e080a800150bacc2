import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LearnedLatency } from '../../../frontend/batching/latency/learned-latency.ts';
import type { Snapshot } from '../../../frontend/dashboard/snapshot.ts';
import { EMPTY_DESIRED_STATE } from '../../../frontend/domain/model.ts';
import { CellMeter } from '../../../frontend/metrics/cells.ts';
import { Troubles } from '../../../frontend/metrics/troubles.ts';
import { openWatching, pictureOf, watchedLog } from '../../../frontend/watching.ts';
import { RecentBatches } from '../../../frontend/dispatch/recent-batches.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';
import { makeModel } from '../../support/specs.ts';

test('what is logged as a warning or worse is kept, and logged as before', () => {
  const lines: string[] = [];
  const troubles = new Troubles();
  const log = watchedLog({ level: 'info', base: null }, { write: (line) => void lines.push(line) }, troubles);
  log.info({ app: 'a' }, 'nothing');
  log.warn({ model: 'm', version: 1 }, 'replica died');
  log.error({ err: new Error('why') }, 'a fault');
  log.child({}).warn({ app: 'b' }, 'of a child');
  assert.deepEqual(troubles.list.map(({ level, subject, text }) => [level, subject, text]), [['warning', 'b', 'of a child'], ['error', '', 'a fault: why'], ['warning', 'm@1', 'replica died']]);
  assert.equal(lines.length, 4);
  assert.match(lines[2] ?? '', /"err":\{"type":"Error","message":"why"/);
});

test('the meter is read once a second, until it is closed', async () => {
  const clock = new VirtualClock();
  const meter = new CellMeter();
  const spec = makeModel({ name: 'm', version: 2, replicas: 3 });
  const watching = openWatching({
    meter, clock, troubles: new Troubles(), version: '1.2.3', access: { loopback: true }, directory: { queue: () => undefined },
    supervisor: { status: () => [{ key: 'm@2', desired: 3, ready: 0, replicas: [{ id: 'm@2/1', state: 'crash_loop', stateForMs: 1, deaths: 9, reason: 'exited with code 3', output: [], lastDeath: { life: 'm@2/1.9', cause: 'exited', reason: 'exited with code 3', output: ['Error: no weights', 'Node.js v24'], agoMs: 5 } }] }] },
    desired: () => ({ ...EMPTY_DESIRED_STATE, models: { 'm@2': spec }, labels: { m: { stable: 2 } } }), versions: () => new Map([['m@2', { state: { kind: 'waiting', sinceMicros: 0, why: 'no_memory', text: 'it needs 2 MiB' } }]]), open: () => ({ openQueries: 4, openFeedback: 0 }),
  });
  const { models, broker }: Snapshot = watching.look();
  assert.deepEqual(models.map(({ key, labels, desired, trouble, waiting }) => [key, labels, desired, trouble, waiting]), [['m@2', ['stable'], 3, 'exited with code 3 (“Error: no weights”)', { why: 'no_memory', text: 'it needs 2 MiB' }]]);
  assert.deepEqual([broker.version, broker.openQueries], ['1.2.3', 4]);
  assert.equal(clock.pending, 1);
  assert.ok(clock.nextWake <= 1_005_000);
  await new Promise((resolve) => setImmediate(resolve));
  clock.advance(5_000_000);
  assert.equal(clock.pending, 1);
  assert.ok((meter.read('tradewind_loop_busy_seconds_total')[0]?.values[0] ?? 0) > 0, 'the loop had something to do');
  await watching.close();
  assert.equal(clock.pending, 0);
});

test('a version that the rules let rest wants no replica, whatever its spec says', async () => {
  const clock = new VirtualClock();
  const watching = openWatching({
    meter: new CellMeter(), clock, troubles: new Troubles(), version: '1.2.3', access: { loopback: true }, directory: { queue: () => undefined }, supervisor: { status: () => [] }, versions: () => new Map(),
    desired: () => ({ ...EMPTY_DESIRED_STATE, models: { 'm@1': makeModel({ version: 1 }), 'm@2': makeModel({ version: 2 }), 'm@3': makeModel({ version: 3 }) }, labels: { m: { stable: 2 } }, rules: { m: { versions: { latest: 1 } } } }),
    open: () => ({ openQueries: 0, openFeedback: 0 }),
  });
  assert.deepEqual(watching.look().models.map(({ key, desired }) => [key, desired]), [['m@1', 0], ['m@2', 1], ['m@3', 1]]);
  await watching.close();
});

test('what the clock of the machine has gained is read each second, and of one that was left alone it is next to nothing', async () => {
  for (const [machine, expected] of [[{ clockMovedMs: () => 3_600_000.4 }, 3_600_000], [{}, 0]] as const) {
    const clock = new VirtualClock();
    const watching = openWatching({
      meter: new CellMeter(), clock, troubles: new Troubles(), version: '1.2.3', access: { loopback: true }, directory: { queue: () => undefined }, supervisor: { status: () => [] }, versions: () => new Map(),
      desired: () => EMPTY_DESIRED_STATE, open: () => ({ openQueries: 0, openFeedback: 0 }), ...machine,
    });
    clock.advance(1_005_000);
    assert.ok(Math.abs(watching.look().broker.clockMovedMs - expected) < 60_000);
    await watching.close();
  }
});

test('what the hypervisor gives to others is read every ten seconds', async () => {
  const clock = new VirtualClock();
  const meter = new CellMeter();
  const ticks = { all: 0, stolen: 0 };
  const watching = openWatching({
    meter, clock, troubles: new Troubles(), version: '1.2.3', access: { loopback: true }, directory: { queue: () => undefined }, supervisor: { status: () => [] }, versions: () => new Map(),
    desired: () => EMPTY_DESIRED_STATE, open: () => ({ openQueries: 0, openFeedback: 0 }), cpuTicks: () => ({ all: (ticks.all += 200), stolen: (ticks.stolen += 60) }),
  });
  assert.equal(watching.look().broker.stolen, 0);
  for (let i = 0; i < 10; i++) {
    await new Promise((resolve) => setImmediate(resolve));
    clock.advance(1_005_000);
  }
  assert.equal(watching.look().broker.stolen, 0.3);
  assert.ok((meter.read('tradewind_stolen_seconds_total')[0]?.values[0] ?? 0) > 0);
  await watching.close();
});

test('a picture has the last batches and the law through them', () => {
  const recent = new RecentBatches();
  const latency = new LearnedLatency();
  for (let i = 0; i < 50; i++) {
    const rows = 1 + (i % 8);
    recent.add(rows, 1_000 + rows * 100);
    latency.observe({ replica: 'm@1/1', rows, micros: 1_000 + rows * 100 }, i * 10_000);
  }
  const picture = pictureOf({ spec: makeModel({ name: 'm', version: 1 }), law: latency.law, recent }, 6);
  assert.deepEqual([picture.batches.length, picture.plannedRows, picture.law[0]?.rows], [50, 6, 1]);
  for (const { rows, meanMs, tailMs } of picture.law.filter((point) => point.rows <= 8)) {
    assert.ok(Math.abs(meanMs - (1 + rows * 0.1)) < 0.2, `${rows} rows: ${meanMs} ms`);
    assert.ok(tailMs >= meanMs);
  }
  assert.deepEqual(pictureOf({ spec: makeModel({ name: 'm', version: 1 }), law: undefined, recent: new RecentBatches() }, 0).law, []);
});
