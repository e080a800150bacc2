import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Answer, AnswerRow } from '../../frontend/domain/answer.ts';
import type { FakeReplica } from '../support/fake-replica.ts';
import { makeQuery } from '../support/queries.ts';
import { SEED, seeded } from '../support/random.ts';
import { Road } from '../support/road.ts';
import { makeApp, makeModel } from '../support/specs.ts';

/** The container fails whole batches that hold this value. */
const BAD = 4;

type Step =
  | { readonly kind: 'arrive'; readonly app: 'a' | 'b'; readonly values: readonly number[]; readonly sloMs: number }
  | { readonly kind: 'cancel' | 'answer' | 'partly' | 'die'; readonly pick: number }
  | { readonly kind: 'pass'; readonly ms: number }
  | { readonly kind: 'clear' | 'replace' };

const steps = fc.array(fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('arrive' as const), app: fc.constantFrom('a' as const, 'b' as const),
      values: fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 6 }), sloMs: fc.constantFrom(5, 20, 50, 50, 200),
    }),
  },
  { weight: 5, arbitrary: fc.record({ kind: fc.constantFrom('answer' as const, 'answer' as const, 'partly' as const, 'cancel' as const, 'die' as const), pick: fc.nat(100) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('pass' as const), ms: fc.constantFrom(0, 1, 5, 20, 60) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('clear' as const, 'replace' as const) }) },
), { minLength: 5, maxLength: 60 });

interface Asked {
  readonly app: 'a' | 'b';
  readonly values: readonly number[];
  readonly sloMicros: number;
  cancelledAfter: number | undefined;
}

/** The whole road with a cache, and beside it what each caller asked: the model of it is that an answer is the sum of its own row. */
class World {
  readonly road: Road;
  readonly asked: Asked[] = [];
  readonly #replicas: FakeReplica[] = [];
  readonly #version: (at: number) => ReturnType<typeof makeModel>;
  #versions = 1;
  #slots = 0;

  constructor(options: { maxBatch: number; ttlMs?: number }) {
    this.#version = (at) => makeModel({ batching: { controller: 'fixed', maxBatch: options.maxBatch, maxQueueRows: 12 }, cache: options.ttlMs === undefined ? {} : { ttlMs: options.ttlMs }, options: { at } });
    this.road = new Road([this.#version(0)], [makeApp(), makeApp({ name: 'b', output: 'raw' })]);
    for (const id of ['one', 'two']) this.#replicas.push(this.road.replica('m@1', id));
  }

  run(step: Step): void {
    const { road } = this;
    switch (step.kind) {
      case 'arrive': {
        const slot = this.#slots++;
        const query = makeQuery(road.slabs, { slot, app: step.app, values: step.values, arrivedAtMicros: road.clock.now(), sloMicros: step.sloMs * 1000 });
        this.asked[slot] = { app: step.app, values: step.values, sloMicros: query.sloMicros, cancelledAfter: undefined };
        road.predict.submit(query);
        break;
      }
      case 'cancel': {
        const slot = step.pick % Math.max(1, this.#slots);
        const asked = this.asked[slot];
        if (asked === undefined) return;
        road.predict.cancel(slot);
        asked.cancelledAfter ??= road.answers.length;
        break;
      }
      case 'answer': this.#answer(this.#busy(step.pick), () => true); break;
      case 'partly': this.#answer(this.#busy(step.pick), (row) => row % 2 === 0); break;
      case 'die': this.#die(step.pick); break;
      case 'pass': road.clock.advance(step.ms * 1000); return;
      case 'clear': road.cache.clear(); break;
      case 'replace': road.replaceModel(this.#version(this.#versions++)); break;
    }
    road.clock.settle();
  }

  /** Lets everything come to its end. */
  finish(): void {
    for (let turn = 0; turn < 300; turn++) {
      for (const replica of this.#replicas) while (replica.sent.length > 0) this.#answer(replica, () => true);
      this.road.clock.advance(2_000);
    }
  }

  #busy(pick: number): FakeReplica | undefined {
    const busy = this.#replicas.filter((replica) => replica.sent.length > 0);
    return busy[pick % Math.max(1, busy.length)];
  }

  #answer(replica: FakeReplica | undefined, takes: (row: number) => boolean): void {
    const sent = replica?.sent[0];
    if (replica === undefined || sent === undefined) return;
    const values = sent.batch.slices.flatMap(({ query, first, count }) => Array.from({ length: count }, (_, i) => this.#valueAt(query, first + i)));
    if (values.includes(BAD)) replica.refuse(`cannot do ${BAD}`);
    else replica.answer(values.flatMap((_, row) => (takes(row) ? [] : [row])));
    this.road.clock.settle();
  }

  #valueAt(query: Parameters<Road['predict']['submit']>[0], row: number): number {
    const column = query.columns[0];
    assert.ok(column);
    return new DataView(column.slab.bytes.buffer, column.slab.bytes.byteOffset).getFloat32(column.offset + row * column.strideBytes, true);
  }

  #die(pick: number): void {
    const at = pick % this.#replicas.length;
    const replica = this.#replicas[at];
    assert.ok(replica);
    this.road.directory.gone('m@1', replica);
    replica.die();
    this.#replicas[at] = this.road.replica('m@1', `${replica.id}+`);
  }
}

function valueOf(row: AnswerRow): unknown {
  const { output } = row;
  if (output.kind === 'value') return output.value;
  if (output.kind === 'json') return output.json;
  const tensor = output.kind === 'tensors' ? output.tensors[0] : undefined;
  return tensor === undefined ? undefined : new DataView(tensor.slab.bytes.buffer, tensor.slab.bytes.byteOffset).getFloat32(tensor.offset, true);
}

function check(world: World, answer: Answer, seen: Set<number>, at: number): void {
  const asked = world.asked[answer.slot];
  assert.ok(asked, 'nobody asked this');
  assert.ok(!seen.has(answer.slot), `slot ${answer.slot} was answered twice`);
  seen.add(answer.slot);
  assert.ok(asked.cancelledAfter === undefined || at < asked.cancelledAfter, `slot ${answer.slot} was answered after its caller had left`);
  assert.ok(answer.ok && answer.latencyMicros <= asked.sloMicros);
  assert.equal(answer.rows.length, asked.values.length);
  answer.rows.forEach((row, i) => {
    assert.equal(valueOf(row), row.source === 'model' ? asked.values[i] : -1, `row ${i} of slot ${answer.slot}`);
    assert.ok(row.source === 'default' || row.output.kind === (asked.app === 'a' ? 'value' : 'tensors'));
    assert.ok(row.source === 'default' || asked.values[i] !== BAD);
  });
  for (const { output } of answer.rows) if (output.kind === 'tensors') for (const { slab } of output.tensors) world.road.slabs.release(slab);
}

test(seeded('with a cache, whoever arrives, leaves, dies or comes late: each query is answered once, with its own rows, and nothing is left'), () => {
  fc.assert(fc.property(steps, fc.constantFrom(1, 3, 8), fc.constantFrom(undefined, 10), (run, maxBatch, ttlMs) => {
    const world = new World({ maxBatch, ...(ttlMs === undefined ? {} : { ttlMs }) });
    const seen = new Set<number>();
    let checked = 0;
    const look = (): void => {
      for (; checked < world.road.answers.length; checked++) {
        const answer = world.road.answers[checked];
        assert.ok(answer);
        check(world, answer, seen, checked);
      }
    };
    for (const step of run) {
      world.run(step);
      look();
    }
    world.finish();
    look();
    world.asked.forEach(({ cancelledAfter }, slot) => assert.ok(seen.has(slot) || cancelledAfter !== undefined, `slot ${slot} was never answered`));
    const { cache, slabs, predict } = world.road;
    assert.deepEqual({ pending: cache.pending, open: predict.open, slabs: slabs.usedSlabs }, { pending: 0, open: 0, slabs: 0 });
  }), { seed: SEED, numRuns: 250 });
});
