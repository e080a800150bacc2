import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ERRORS } from '../../frontend/domain/errors.ts';
import { StoreFault, type FeedbackItem, type FeedbackVerdict } from '../../frontend/domain/feedback.ts';
import { AppRevisions } from '../../frontend/serving/feedback/revisions.ts';
import { Feedback } from '../../frontend/serving/feedback/feedback.ts';
import { EPOCH_MS, FeedbackWorld } from '../support/feedback-world.ts';
import { OPEN_ACCESS } from '../support/open-access.ts';
import { SEED, seeded } from '../support/random.ts';

const AGGREGATIONS = ['sum', 'mean', 'max', 'min'] as const;
const ROWS = 2;
const UNITS = 2 ** 20;

/** A reward is told by its place: whoever says it again says the same. */
interface Said {
  readonly decision: number;
  readonly row: number;
  readonly id: number;
}

const said = fc.record({ decision: fc.nat(3), row: fc.nat(ROWS - 1), id: fc.nat(4) });
const turns = fc.array(fc.record({
  said: fc.array(said, { minLength: 1, maxLength: 6 }), broker: fc.nat(1), waits: fc.boolean(),
  /** The store fails at the group, or once it has it. */
  trouble: fc.constantFrom('none', 'none', 'before', 'after'),
}), { minLength: 1, maxLength: 12 });

function unitsOf({ decision, row, id }: Said): number {
  return Math.floor(((decision * 7 + row * 5 + id * 3 + 1) % 16) * (UNITS / 16));
}

function together(units: readonly number[], aggregation: (typeof AGGREGATIONS)[number]): number {
  const sum = units.reduce((a, b) => a + b, 0);
  switch (aggregation) {
    case 'sum': return Math.min(sum, UNITS);
    case 'mean': return Math.round(sum / units.length);
    case 'max': return Math.max(...units);
    case 'min': return Math.min(...units);
  }
}

/** Two brokers on one store, whose answers may be lost. */
class World {
  readonly #world: FeedbackWorld;
  readonly #brokers: readonly Feedback[];
  readonly #decisions: readonly string[];
  trouble: 'none' | 'before' | 'after' = 'none';

  constructor(world: FeedbackWorld) {
    this.#world = world;
    const { store, clock, meter, receipts } = world;
    const log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
    const other = new Feedback({
      apps: { get: () => world.app }, access: OPEN_ACCESS, receipts, revisions: new AppRevisions(store), store, journal: store, clock, meter, log, epochOffsetMicros: EPOCH_MS * 1000, maxOpen: 1000,
    });
    this.#brokers = [world.feedback, other];
    this.#decisions = Array.from({ length: 4 }, () => world.decide({ rows: ROWS }));
    const commit = store.commit.bind(store);
    store.commit = async (app, commits) => {
      const { trouble } = this;
      if (trouble === 'before') throw new StoreFault('unreachable', 'nobody there');
      const outcomes = await commit(app, commits);
      if (trouble === 'after') throw new StoreFault('slow', 'the answer was lost');
      return outcomes;
    };
  }

  get cells(): Record<string, bigint> {
    return this.#world.cells;
  }

  give(all: readonly Said[], broker: number): Promise<readonly FeedbackVerdict[]> {
    const items = all.map((one): FeedbackItem => ({ decisionId: `${this.#decisions[one.decision] ?? ''}.${one.row}`, id: `r${one.id}`, reward: unitsOf(one) / UNITS }));
    return this.#world.settled(this.#brokers[broker]?.give(items) ?? Promise.reject(new RangeError('no such broker')));
  }

  /** As a caller does who wants it to be counted. */
  async insist(all: readonly Said[]): Promise<void> {
    this.trouble = 'none';
    for (const verdict of await this.give(all, 1)) assert.ok(verdict.kind === 'accepted' || verdict.kind === 'repeated', JSON.stringify(verdict));
  }
}

test(seeded('whatever the store loses, and whichever broker hears it, each reward counts once'), async () => {
  await fc.assert(fc.asyncProperty(turns, fc.constantFrom(...AGGREGATIONS), async (run, aggregation) => {
    const world = new World(await FeedbackWorld.make({ aggregation }));
    const heard: Promise<void>[] = [];
    const again: Said[] = [];
    for (const { said: all, broker, waits, trouble } of run) {
      world.trouble = trouble;
      heard.push(world.give(all, broker).then((verdicts) => verdicts.forEach((verdict, i) => {
        if (verdict.kind !== 'refused') return;
        assert.ok(ERRORS[verdict.code].retryable, verdict.code);
        again.push(all[i] ?? assert.fail());
      })));
      if (waits) await Promise.all(heard);
    }
    await Promise.all(heard);
    if (again.length > 0) await world.insist(again);
    const rows = new Map<string, Map<number, number>>();
    for (const one of run.flatMap((turn) => turn.said)) {
      const name = `${one.decision}.${one.row}`;
      rows.set(name, (rows.get(name) ?? new Map<number, number>()).set(one.id, unitsOf(one)));
    }
    const earned = [...rows.values()].reduce((sum, of) => sum + together([...of.values()], aggregation), 0);
    // Nothing is written for a reward of nothing.
    assert.deepEqual({ 'r/x': 0n, ...world.cells }, { latest: BigInt(EPOCH_MS) * 1000n, 'n/x': BigInt(rows.size), 'r/x': BigInt(earned) });
  }), { seed: SEED, numRuns: 100 });
});
