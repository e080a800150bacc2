import assert from 'node:assert/strict';
import { test } from 'node:test';
import { QuantileController } from '../../../../../frontend/batching/controllers/quantile.ts';

const SLO = 20_000;
const law = (rows: number) => 2000 + 100 * rows;

/** Full batches of what it decides, each `slowness` times as slow as the law, with noise spread evenly over ± `noise`. */
function feed(controller: QuantileController, batches: number, { noise = 0, slowness = 1 } = {}): number {
  for (let i = 0; i < batches; i++) {
    const rows = controller.decide();
    const latencyMicros = law(rows) * slowness * (1 + noise * (((i * 211) % 499) / 249 - 1));
    controller.observe({ verdict: 'success', rows, latencyMicros, foretoldMicros: 0, sloMicros: SLO, full: true });
  }
  return controller.decide();
}

test('it explores from 1 by additive increase, two rows a batch', () => {
  const controller = new QuantileController({ maxBatch: 512 });
  assert.equal(controller.decide(), 1);
  assert.equal(feed(controller, 1), 3);
  assert.equal(feed(controller, 1), 5);
});

test('after exploration the size is what the 99th percentile allows in the SLO', () => {
  const exact = feed(new QuantileController({ maxBatch: 512 }), 1000);
  assert.ok(exact >= 175 && exact <= 180, `${exact}`);
  const noisy = feed(new QuantileController({ maxBatch: 512 }), 1500, { noise: 0.3 });
  assert.ok(noisy >= 128 && noisy <= 140, `${noisy}`);
});

test('a slow-down is followed', () => {
  const controller = new QuantileController({ maxBatch: 512 });
  feed(controller, 1000);
  const slow = feed(controller, 700, { slowness: 2 });
  assert.ok(slow >= 70 && slow <= 84, `${slow}`);
});

test('the SLO of the last batch counts, within the largest size and at least 1', () => {
  const controller = new QuantileController({ maxBatch: 150 });
  assert.equal(feed(controller, 1000), 150);
  const sized = (sloMicros: number) => {
    controller.observe({ verdict: 'success', rows: 100, latencyMicros: law(100), foretoldMicros: 0, sloMicros, full: true });
    return controller.decide();
  };
  assert.equal(sized(1000), 1);
  const tight = sized(7000);
  assert.ok(tight >= 40 && tight <= 50, `${tight}`);
});

test('a batch that was dropped takes a tenth, one that failed otherwise nothing', () => {
  const controller = new QuantileController({ maxBatch: 512 });
  const before = feed(controller, 1000);
  const report = { rows: before, latencyMicros: 1, foretoldMicros: 0, sloMicros: SLO, full: true };
  controller.observe({ ...report, verdict: 'ignore' });
  assert.equal(controller.decide(), before);
  controller.observe({ ...report, verdict: 'dropped' });
  assert.equal(controller.decide(), Math.floor(before * 0.9));
});

test('sizes that are none are refused', () => {
  for (const maxBatch of [0, 2.5, Number.NaN]) assert.throws(() => new QuantileController({ maxBatch }), RangeError);
});
