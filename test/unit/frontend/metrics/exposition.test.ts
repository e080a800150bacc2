import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CellMeter } from '../../../../frontend/metrics/cells.ts';
import { Exposition } from '../../../../frontend/metrics/exposition.ts';
import { METRICS } from '../../../../frontend/metrics/table.ts';

/** The samples of a scrape, by name and labels as written. */
async function scrape(exposition: Exposition): Promise<Map<string, number>> {
  const samples = new Map<string, number>();
  for (const line of String(await exposition.render()).split('\n')) {
    if (line === '' || line.startsWith('#')) continue;
    const space = line.lastIndexOf(' ');
    const name = line.slice(0, space);
    assert.ok(!samples.has(name), `${name} twice`);
    samples.set(name, Number(line.slice(space + 1)));
  }
  return samples;
}

test('every metric of the table is described, with its kind', async () => {
  const text = String(await new Exposition(new CellMeter()).render());
  for (const [name, row] of Object.entries(METRICS)) {
    assert.ok(text.includes(`# HELP ${name} ${row.help}\n`), name);
    assert.ok(text.includes(`# TYPE ${name} ${row.kind}\n`), name);
  }
});

test('times are fed in microseconds and scraped in seconds, buckets cumulated', async () => {
  const meter = new CellMeter();
  const cell = meter.cell('tradewind_request_seconds', { app: 'a' });
  for (const micros of [250, 950, 1_000, 60_000_000]) meter.observe(cell, micros);
  const samples = await scrape(new Exposition(meter));
  assert.equal(samples.get('tradewind_request_seconds_bucket{app="a",le="0.0002"}'), 0);
  assert.equal(samples.get('tradewind_request_seconds_bucket{app="a",le="0.0003"}'), 1);
  assert.equal(samples.get('tradewind_request_seconds_bucket{app="a",le="0.0009"}'), 1);
  assert.equal(samples.get('tradewind_request_seconds_bucket{app="a",le="0.001"}'), 3);
  assert.equal(samples.get('tradewind_request_seconds_bucket{app="a",le="10"}'), 3);
  assert.equal(samples.get('tradewind_request_seconds_bucket{app="a",le="+Inf"}'), 4);
  assert.equal(samples.get('tradewind_request_seconds_sum{app="a"}'), 60.0022);
  assert.equal(samples.get('tradewind_request_seconds_count{app="a"}'), 4);
});

test('a scrape in between keeps the counts', async () => {
  const meter = new CellMeter();
  const exposition = new Exposition(meter);
  const cell = meter.cell('tradewind_requests_total', { app: 'a', source: 'model', reason: '' });
  const rows = meter.cell('tradewind_batch_rows', { model: 'm', version: '1' });
  meter.add(cell, 2);
  meter.observe(rows, 4);
  const name = 'tradewind_requests_total{app="a",source="model",reason=""}';
  assert.equal((await scrape(exposition)).get(name), 2);
  meter.add(cell, 3);
  meter.observe(rows, 4);
  const samples = await scrape(exposition);
  assert.equal(samples.get(name), 5);
  assert.equal(samples.get('tradewind_batch_rows_count{model="m",version="1"}'), 2);
});

test('what has no labels is there from the start; what was forgotten is not', async () => {
  const meter = new CellMeter();
  const exposition = new Exposition(meter);
  meter.set(meter.cell('tradewind_queue_rows', { model: 'm', version: '1' }), 1);
  meter.forget({ model: 'm' });
  const samples = await scrape(exposition);
  assert.equal(samples.get('tradewind_open_queries'), 0);
  assert.equal(samples.get('tradewind_metric_drops_total'), 0);
  assert.equal([...samples.keys()].some((name) => name.startsWith('tradewind_queue_rows')), false);
});

test('gauges are read at the scrape, until they are taken out', async () => {
  const meter = new CellMeter();
  const exposition = new Exposition(meter);
  let open = 3;
  const takeOut = exposition.gauge('tradewind_open_queries', {}, () => open);
  assert.equal((await scrape(exposition)).get('tradewind_open_queries'), 3);
  open = 5;
  assert.equal((await scrape(exposition)).get('tradewind_open_queries'), 5);
  takeOut();
  open = 7;
  assert.equal((await scrape(exposition)).get('tradewind_open_queries'), 5);
  assert.throws(() => exposition.gauge('tradewind_requests_total', {}, () => 1), /is a counter/);
});

test('label values are escaped', async () => {
  const meter = new CellMeter();
  meter.add(meter.cell('tradewind_refused_total', { code: 'a"b\\c\nd' }), 1);
  assert.equal((await scrape(new Exposition(meter))).get('tradewind_refused_total{code="a\\"b\\\\c\\nd"}'), 1);
});

test('updates that found no room are told', async () => {
  // Room for metrics without labels, and for no histogram.
  const meter = new CellMeter({ slots: METRICS.tradewind_request_seconds.bounds?.length ?? 0 });
  meter.observe(meter.cell('tradewind_request_seconds', { app: 'a' }), 1);
  assert.equal((await scrape(new Exposition(meter))).get('tradewind_metric_drops_total'), 1);
});

test('says the content type of the text format', () => {
  assert.match(new Exposition(new CellMeter()).contentType, /^text\/plain; version=0\.0\.4/);
});

test('a scrape of many models lets the event loop by; what is forgotten meanwhile is not in it, nor somebody else in its place', async () => {
  const meter = new CellMeter();
  for (let i = 0; i < 800; i++) meter.observe(meter.cell('tradewind_request_seconds', { app: `a${i}` }), 100);
  const rendering = new Exposition(meter).render();
  let turns = 0;
  let done = false;
  const turn = (): void => {
    if (done) return;
    // After the first slice the last app goes, and another takes its place in the memory.
    if (turns++ === 0) {
      meter.forget({ app: 'a799' });
      meter.observe(meter.cell('tradewind_batch_rows', { model: 'm', version: '1' }), 1);
      meter.observe(meter.cell('tradewind_request_seconds', { app: 'late' }), 60);
    }
    setImmediate(turn);
  };
  setImmediate(turn);
  const text = String(await rendering);
  done = true;
  assert.ok(turns > 2, `${turns} turns`);
  assert.ok(text.includes('tradewind_request_seconds_count{app="a798"} 1\n'));
  assert.ok(!text.includes('app="a799"'));
});

test('who asks while a scrape is being written gets that one', async () => {
  const exposition = new Exposition(new CellMeter());
  const [first, second] = await Promise.all([exposition.render(), exposition.render()]);
  assert.equal(first, second);
  assert.notEqual(await exposition.render(), first);
});

test('a metric that would claim something by a 0 is there once it is set', async () => {
  const exposition = new Exposition(new CellMeter());
  const ends = async (): Promise<number | undefined> => (await scrape(exposition)).get('tradewind_certificate_end_seconds');
  assert.equal(await ends(), undefined);
  exposition.gauge('tradewind_certificate_end_seconds', {}, () => 1_800_000_000_000_000);
  assert.equal(await ends(), 1_800_000_000);
});
