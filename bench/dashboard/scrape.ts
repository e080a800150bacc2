import { ModelMeters } from '../../frontend/dispatch/model-meters.ts';
import { CellMeter } from '../../frontend/metrics/cells.ts';
import { Exposition } from '../../frontend/metrics/exposition.ts';
import { Watch } from '../../frontend/metrics/history/watch.ts';
import { AppMeters } from '../../frontend/serving/selection/app-meters.ts';
import { median } from '../report/median.ts';

const STATES = ['starting', 'ready', 'draining', 'ending', 'backoff', 'crash_loop'];
const WARM_UP = 5;

export interface ScrapeResult {
  readonly models: number;
  readonly bytes: number;
  /** How long a scrape holds the event loop at most, milliseconds by the wall clock: on a busy machine it holds what others took, too. The median, the lower quartile and the longest of all scrapes. */
  readonly longestTurnMs: number;
  readonly quietTurnMs: number;
  readonly worstTurnMs: number;
  readonly scrapeMs: number;
  /** One second's sample of the history, milliseconds of CPU in the mean; it is taken in slices, as a scrape is. */
  readonly sampleMs: number;
}

/** A meter with so many models and apps that all have done something, scraped so many times while the event loop turns. */
export async function measureScrape({ models, scrapes }: { models: number; scrapes: number }): Promise<ScrapeResult> {
  const meter = busyMeter(models);
  const exposition = new Exposition(meter, { processMetrics: true });
  const turns = new Turns();
  const worst: number[] = [];
  const took: number[] = [];
  let bytes = 0;
  for (let i = -WARM_UP; i < scrapes; i++) {
    turns.reset();
    const startedAt = performance.now();
    bytes = (await exposition.render()).length;
    await new Promise<void>((resolve) => setImmediate(resolve));
    if (i < 0) continue;
    took.push(performance.now() - startedAt);
    worst.push(turns.longest);
  }
  turns.stop();
  return { models, bytes, longestTurnMs: median(worst), quietTurnMs: worst.toSorted((a, b) => a - b)[worst.length >> 2] ?? Number.NaN, worstTurnMs: Math.max(...worst), scrapeMs: median(took), sampleMs: sample(meter, scrapes) };
}

function busyMeter(models: number): CellMeter {
  const meter = new CellMeter();
  for (let i = 0; i < models; i++) {
    const model = new ModelMeters(meter, `model-${i}`, 1);
    for (let wait = 1; wait < 200; wait++) model.waited(wait * 97);
    model.shed('infeasible', 1, 3);
    model.outlook({ plannedRows: 32, rowMicros: 12, batchMicros: 900 });
    for (const state of STATES) meter.set(meter.cell('tradewind_replicas', { model: `model-${i}`, version: '1', state }), 1);
    const app = new AppMeters(meter, `app-${i}`);
    app.chosen(`model-${i}`, 'policy');
    for (let answer = 1; answer < 200; answer++) meter.observe(meter.cell('tradewind_request_seconds', { app: `app-${i}` }), answer * 111);
  }
  return meter;
}

/** The mean time of one sample, while every model does a little each second. */
function sample(meter: CellMeter, times: number): number {
  const watch = new Watch(meter);
  let startedAt = 0;
  const service = Array.from({ length: 100 }, (_, i) => meter.cell('tradewind_queue_wait_seconds', { model: `model-${i}`, version: '1' }));
  for (let second = 0; second < times + WARM_UP; second++) {
    for (const cell of service) meter.observe(cell, 300);
    if (second === WARM_UP) startedAt = cpuMs();
    watch.sample(second * 1_000);
  }
  return (cpuMs() - startedAt) / times;
}

/** The longest time from one turn of the event loop to the next. */
class Turns {
  longest = 0;
  #last = performance.now();
  #running = true;

  constructor() {
    const turn = (): void => {
      const now = performance.now();
      this.longest = Math.max(this.longest, now - this.#last);
      this.#last = now;
      if (this.#running) setImmediate(turn);
    };
    turn();
  }

  reset(): void {
    this.longest = 0;
    this.#last = performance.now();
  }

  stop(): void {
    this.#running = false;
  }
}

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
