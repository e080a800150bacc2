import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clairvoyantOnTime } from '../../bench/simulator/oracle/clairvoyant.ts';
import { meanMicros, type Law } from '../../bench/simulator/law.ts';
import { plainScenario } from '../../bench/simulator/scenario.ts';
import { SimulatedClock } from '../../bench/simulator/simulated-clock.ts';
import { SimulatedReplica } from '../../bench/simulator/simulated-replica.ts';
import { workloadOf } from '../../bench/simulator/workload.ts';
import { Batcher } from '../../frontend/batching/batcher.ts';
import { PlannerController } from '../../frontend/batching/controllers/planner.ts';
import { LearnedLatency } from '../../frontend/batching/latency/learned-latency.ts';
import { Directory } from '../../frontend/dispatch/directory.ts';
import { ModelMeters } from '../../frontend/dispatch/model-meters.ts';
import { ModelQueue } from '../../frontend/dispatch/model-queue.ts';
import type { Answer } from '../../frontend/domain/answer.ts';
import type { Micros } from '../../frontend/domain/clock.ts';
import { SlabArena } from '../../frontend/runtime/slab-arena.ts';
import { DecisionIds, DerivedKeys, Receipts } from '../../frontend/serving/decisions/receipt.ts';
import { Predict } from '../../frontend/serving/predict.ts';
import { AppTable } from '../../frontend/serving/selection/app-table.ts';
import { makeQuery } from '../support/queries.ts';
import { SEED, seeded } from '../support/random.ts';
import { RecordingMeter } from '../support/recording-meter.ts';
import { desiredOf, makeApp, makeModel } from '../support/specs.ts';

const MAX_ROWS = 256;
const ARRIVALS = 4_000;
const LEARNING = 2_000;

/** What a broker is played with. */
interface Play {
  readonly law: Law;
  readonly sloMs: number;
  readonly load: number;
  /** CPU time of the broker for each answer, in which it does nothing else. */
  readonly answerMicros: Micros;
  /** So often a second, and up to so long, the process stands still. */
  readonly pausesPerSecond?: number;
  readonly pauseMicros?: Micros;
}

/** The production road with its deadlines and margins, on simulated time, in which answers cost some. */
class Broker {
  readonly clock = new SimulatedClock();
  readonly #slabs = new SlabArena();
  readonly #predict: Predict;
  readonly #onAnswer: (answer: Answer) => void;

  constructor({ law, sloMs, answerMicros }: Play, onAnswer: (answer: Answer) => void) {
    this.#onAnswer = onAnswer;
    const meter = new RecordingMeter();
    const model = makeModel({ sloMs });
    const directory = new Directory((key, spec) => new ModelQueue({
      key, spec, clock: this.clock, meters: new ModelMeters(meter, spec.name, spec.version), onHung: (_, why) => assert.fail(why),
      batcher: new Batcher({ latency: new LearnedLatency(), controller: new PlannerController({ maxBatch: MAX_ROWS }), maxQueueRows: 10_000, hash: () => 0 }),
    }));
    const apps = new AppTable({ directory, slabs: this.#slabs, meter });
    const desired = desiredOf([model], [makeApp({ sloMs })]);
    directory.apply(desired);
    apps.apply(desired);
    this.#predict = new Predict({
      apps, directory, clock: this.clock, slabs: this.#slabs, receipts: new Receipts([{ number: 1, secret: Buffer.alloc(32, 1) }]),
      ids: new DecisionIds(Buffer.alloc(6, 1)), keys: new DerivedKeys(Buffer.alloc(32, 1)), epochOffsetMicros: 0,
      journal: { refusal: () => undefined, record: () => 'kept' }, teach: () => undefined, maxOpen: 10_000, maxWaitMicros: 1_000_000,
      sink: { answer: (answer) => {
        this.clock.jump(answerMicros);
        this.#onAnswer(answer);
      } },
    });
    directory.ready('m@1', new SimulatedReplica('r', { clock: this.clock, takes: (rows) => meanMicros(law, rows), onBatch: () => undefined }));
  }

  submit(slot: number, sloMicros: Micros): void {
    this.#predict.submit(makeQuery(this.#slabs, { slot, arrivedAtMicros: this.clock.now(), sloMicros }));
  }
}

/** Answers of the model on time as a share of the clairvoyant's, and those of any source that came late as a share of all. */
function played(play: Play): { readonly ofOracle: number; readonly late: number } {
  const { law, sloMs, load, pausesPerSecond = 0, pauseMicros = 0 } = play;
  const sloMicros = sloMs * 1000;
  const { arrivalsMicros } = workloadOf(plainScenario(law, sloMs), { load, seed: SEED, arrivals: LEARNING + ARRIVALS });
  let good = 0, late = 0;
  const broker = new Broker(play, (answer) => {
    if (answer.slot < LEARNING) return;
    if (broker.clock.now() > (arrivalsMicros[answer.slot] ?? 0) + sloMicros) late++;
    else if (answer.ok && answer.source === 'model') good++;
  });
  const { clock } = broker;
  if (pausesPerSecond > 0) {
    const everyMicros = 1e6 / pausesPerSecond;
    for (let i = 1; i * everyMicros < (arrivalsMicros.at(-1) ?? 0); i++) clock.wakeAt(Math.floor(i * everyMicros), () => clock.jump(pauseMicros / (1 + (i % 4))));
  }
  for (const [slot, at] of arrivalsMicros.entries()) {
    clock.advanceTo(Math.floor(at));
    broker.submit(slot, sloMicros);
  }
  clock.finish();
  const counted = arrivalsMicros.subarray(LEARNING).map((at) => at - (arrivalsMicros[LEARNING] ?? 0));
  const oracle = clairvoyantOnTime({ arrivalsMicros: counted.map(Math.floor), sloMicros, lawMicros: (rows) => meanMicros(law, rows), maxRows: MAX_ROWS });
  return { ofOracle: good / oracle, late: late / ARRIVALS };
}

for (const [play, least] of [
  [{ law: { alphaMs: 0.3, betaMs: 4 }, sloMs: 20, answerMicros: 40 }, 0.9],
  [{ law: { alphaMs: 2, betaMs: 21 }, sloMs: 60, answerMicros: 120 }, 0.9],
  [{ law: { alphaMs: 1, betaMs: 21 }, sloMs: 100, answerMicros: 50 }, 0.95],
] as const) {
  const { law: { alphaMs, betaMs }, sloMs, answerMicros } = play;
  test(seeded(`${alphaMs}·b + ${betaMs} / ${sloMs} ms, ${answerMicros} µs an answer: the replica does not wait for the answers of its last batch`), () => {
    for (const load of [1.2, 2]) {
      const { ofOracle, late } = played({ ...play, load });
      assert.ok(ofOracle >= least, `${(100 * ofOracle).toFixed(1)} % of the clairvoyant at load ${load}`);
      assert.ok(late <= 0.001, `${(100 * late).toFixed(2)} % late at load ${load}`);
    }
  });
}

test(seeded('a pause now and then costs those whom it meets, not all who ask in the seconds after it'), () => {
  const play = { law: { alphaMs: 2, betaMs: 21 }, sloMs: 60, load: 2, answerMicros: 20 };
  const calm = played(play), paused = played({ ...play, pausesPerSecond: 1, pauseMicros: 12_000 });
  assert.ok(paused.ofOracle >= calm.ofOracle - 0.015, `${(100 * paused.ofOracle).toFixed(1)} % of the clairvoyant, ${(100 * calm.ofOracle).toFixed(1)} % without pauses`);
});
