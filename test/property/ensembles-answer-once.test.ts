import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { AppSpec } from '../../frontend/domain/model.ts';
import type { FakeReplica } from '../support/fake-replica.ts';
import { makeQuery } from '../support/queries.ts';
import { SEED, seeded } from '../support/random.ts';
import { Road } from '../support/road.ts';
import { makeApp, makeModel } from '../support/specs.ts';

const NAMES = ['x', 'y', 'z'] as const;
const SLO_MICROS = 20_000;
const APPS: readonly Partial<AppSpec>[] = [
  { ensemble: { combine: 'mean' } },
  { ensemble: { combine: 'median', arms: ['x', 'y'], minConfidence: 0.6 }, shadow: ['z'] },
  { cascade: { first: 'x', second: 'y', below: 0.9 }, shadow: ['z'] },
  { shadow: ['y', 'z'] },
  { ensemble: { combine: 'mean' }, onMiss: 'error' },
  { ensemble: { combine: 'mean' }, onMiss: 'wait' },
  // Apps over these, one and two deep, in every place that an arm can have.
  { arms: ['app:a0', 'z'] },
  { arms: ['app:a2', 'app:a3'], ensemble: { combine: 'mean' } },
  { arms: ['x', 'app:a1'], cascade: { first: 'x', second: 'app:a1', below: 0.9 } },
  { arms: ['z', 'app:a7'], shadow: ['app:a7'] },
  { arms: ['app:a6'], onMiss: 'wait' },
];

type Step =
  | { readonly kind: 'ask'; readonly app: number; readonly rows: number }
  | { readonly kind: 'answer' | 'refuse' | 'part' | 'die' | 'up'; readonly arm: number }
  | { readonly kind: 'leave'; readonly pick: number }
  | { readonly kind: 'pass'; readonly micros: number };

const arm = fc.nat(NAMES.length - 1);
const steps = fc.array(fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('ask' as const), app: fc.nat(APPS.length - 1), rows: fc.integer({ min: 1, max: 3 }) }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('answer' as const), arm }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom('refuse' as const, 'part' as const, 'die' as const, 'up' as const), arm }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('leave' as const), pick: fc.nat(1000) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('pass' as const), micros: fc.oneof(fc.nat(2_000), fc.nat(30_000)) }) },
), { maxLength: 60 });

/** The road with all kinds of panels, and what has been asked of it. */
class World {
  readonly road = new Road(
    NAMES.map((name) => makeModel({ name, batching: { controller: 'fixed', maxBatch: 2, maxQueueRows: 8 } })),
    APPS.map((app, i) => makeApp({ name: `a${i}`, arms: [...NAMES], journal: { keep: true, required: false, maxAgeMs: 1e9, maxBytes: 1e9 }, ...app })),
  );
  readonly #replicas: (FakeReplica | undefined)[] = [undefined, undefined, undefined];
  readonly #left = new Set<number>();
  #asked = 0;
  #started = 0;

  step(step: Step): void {
    switch (step.kind) {
      case 'ask':
        this.road.predict.submit(makeQuery(this.road.slabs, {
          slot: this.#asked++, app: `a${step.app}`, arrivedAtMicros: this.road.clock.now(), sloMicros: SLO_MICROS, values: Array.from({ length: step.rows }, (_, row) => row),
        }));
        break;
      case 'answer': return this.#end(step.arm, (replica) => replica.answer());
      case 'refuse': return this.#end(step.arm, (replica) => replica.refuse('no'));
      case 'part': return this.#end(step.arm, (replica) => replica.answer([0]));
      case 'up': return this.up(step.arm);
      case 'die': return this.#die(step.arm);
      case 'leave': return this.#leave(step.pick);
      case 'pass': this.road.clock.advance(step.micros);
    }
    this.road.clock.settle();
  }

  up(at: number): void {
    const name = NAMES[at];
    if (this.#replicas[at] !== undefined || name === undefined) return;
    this.#replicas[at] = this.road.replica(`${name}@1`, `r${this.#started++}`);
  }

  /** Lets everything come to its end, and says what is wrong. */
  finish(): void {
    for (let at = 0; at < NAMES.length; at++) this.up(at);
    this.road.clock.advance(12_000_000);
    for (let at = 0; at < NAMES.length; at++) this.#end(at, (replica) => { while (replica.sent.length > 0) replica.answer(); });
    this.road.clock.settle();
    const answers = new Map<number, number>();
    for (const { slot } of this.road.answers) answers.set(slot, (answers.get(slot) ?? 0) + 1);
    for (let slot = 0; slot < this.#asked; slot++) {
      const times = answers.get(slot) ?? 0;
      assert.ok(this.#left.has(slot) ? times <= 1 : times === 1, `query ${slot} was answered ${times} times`);
    }
    for (const answer of this.road.answers) {
      // Those of the app that waits may be late; the wheel closes the others a little before their deadline.
      const waits = answer.ok && answer.latencyMicros > SLO_MICROS;
      assert.ok(!waits || answer.latencyMicros <= 10_000_000, `an answer after ${answer.latencyMicros} µs`);
    }
    const left = new Set([...this.#left].filter((slot) => !answers.has(slot)));
    const [inner, outer] = [this.road.decisions.filter(({ parent }) => parent !== undefined), this.road.decisions.filter(({ parent }) => parent === undefined)];
    assert.equal(outer.length, this.#asked - left.size);
    // A decision may have been taken for one whose caller left; those that were recorded name it by the receipt that it gave.
    const named = new Set(this.road.decisions.flatMap(({ asked }) => asked.flatMap(({ decisionId }) => (decisionId === undefined ? [] : [idOf(this.road, decisionId)]))));
    for (const id of named) assert.ok(inner.some((decision) => Buffer.from(decision.id).toString('hex') === id), `${id} is named, and no decision`);
    assert.equal(this.road.predict.open, 0);
    assert.equal(this.road.slabs.usedSlabs, 0);
    for (const queue of this.road.directory.queues()) assert.equal(queue.queuedRows, 0);
  }

  #end(at: number, end: (replica: FakeReplica) => void): void {
    const replica = this.#replicas[at];
    if (replica !== undefined && replica.sent.length > 0) end(replica);
    this.road.clock.settle();
  }

  #die(at: number): void {
    const replica = this.#replicas[at];
    const name = NAMES[at];
    if (replica === undefined || name === undefined) return;
    this.#replicas[at] = undefined;
    this.road.directory.gone(`${name}@1`, replica);
    replica.die();
    this.road.clock.settle();
  }

  #leave(pick: number): void {
    if (this.#asked === 0) return;
    const slot = pick % this.#asked;
    if (this.road.answers.every((answer) => answer.slot !== slot)) this.#left.add(slot);
    this.road.predict.cancel(slot);
    this.road.clock.settle();
  }
}

function idOf(road: Road, decisionId: string): string {
  return Buffer.from(road.receipts.open(decisionId)?.id ?? []).toString('hex');
}

test(seeded('whatever arms do, and whoever goes away, every query of a panel is answered once and nothing stays behind'), () => {
  fc.assert(fc.property(steps, (run) => {
    const world = new World();
    for (let at = 0; at < NAMES.length; at++) world.up(at);
    for (const step of run) world.step(step);
    world.finish();
  }), { seed: SEED, numRuns: 250 });
});
