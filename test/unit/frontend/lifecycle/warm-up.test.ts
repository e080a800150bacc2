import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ModelSpec } from '../../../../frontend/domain/model.ts';
import { WarmUps, type WarmUpsOptions } from '../../../../frontend/lifecycle/warm-up.ts';
import { SlabArena } from '../../../../frontend/runtime/slab-arena.ts';
import { FakeReplica } from '../../../support/fake-replica.ts';
import { makeQuery } from '../../../support/queries.ts';
import { makeModel } from '../../../support/specs.ts';
import { VirtualClock } from '../../../support/virtual-clock.ts';

/** Warm-ups whose replica the test plays. Promises settle in `turn`. */
function setUp(more: Partial<WarmUpsOptions> = {}) {
  const clock = new VirtualClock();
  const told: string[] = [];
  const learned: { rows: number; micros: number }[] = [];
  const take = (): void => {};
  const warmUps = new WarmUps({
    clock, slabs: new SlabArena({ poison: true }), log: { debug: take, info: take, warn: take, error: take },
    readText: async () => '', parseBody: () => 'unread', learn: (_, { rows, micros }) => void learned.push({ rows, micros }),
    onWarm: (key) => void told.push(`warm ${key}`), onFailed: (_, reason) => void told.push(reason), ...more,
  });
  const replica = new FakeReplica('r');
  const turn = async (): Promise<void> => {
    for (let i = 0; i < 20; i++) await Promise.resolve();
  };
  /** Answers what was sent, and gives the credit back. */
  const answer = async (): Promise<number | undefined> => {
    const rows = replica.sent[0]?.batch.rows;
    clock.advance(1000);
    if (rows !== undefined) replica.answer();
    warmUps.credit(replica);
    await turn();
    return rows;
  };
  return { clock, told, learned, warmUps, replica, turn, answer };
}

const sized = (sizes: readonly number[], more: Partial<ModelSpec> = {}): ModelSpec => makeModel({ warmUp: { sizes, repeat: 2, timeoutMs: 5000 }, ...more });

test('a replica whose model has no warm-up is warm at once', () => {
  const { warmUps, told, replica, clock } = setUp();
  warmUps.begin(replica, makeModel());
  assert.deepEqual([told, warmUps.size, warmUps.credit(replica), warmUps.gone(replica), clock.pending], [['warm m@1'], 0, false, false, 0]);
});

test('each size is asked as often as it is said, one batch a credit, and what is asked again teaches', async () => {
  const { warmUps, told, learned, replica, answer, clock } = setUp();
  warmUps.begin(replica, sized([1, 4]));
  assert.equal(warmUps.credit(replica), true);
  const asked = [await answer(), await answer(), await answer(), await answer()];
  assert.deepEqual([asked, told, warmUps.size, clock.pending], [[1, 1, 4, 4], ['warm m@1'], 0, 0]);
  assert.deepEqual(learned, [{ rows: 1, micros: 1000 }, { rows: 4, micros: 1000 }]);
});

test('a replica that is not warm in the end has taught nothing, for nobody would forget it', async () => {
  const { warmUps, told, learned, replica, answer, turn } = setUp();
  warmUps.begin(replica, sized([1, 4]));
  for (let i = 0; i < 3; i++) await answer();
  replica.refuse('no more');
  await turn();
  assert.deepEqual([told, learned], [['warm-up failed: 4 rows of zeros: model_error: no more'], []]);
});

test('recorded requests are asked too, in their order; one larger than a batch is left out; all memory is given back', async () => {
  const slabs = new SlabArena({ poison: true });
  const { warmUps, told, answer, turn } = setUp({
    slabs, readText: async () => '{"body":{"rows":2}}\n{"body":{"rows":5000}}\n{"body":{"rows":3}}\n',
    parseBody: (body) => makeQuery(slabs, { values: Array.from({ length: (JSON.parse(body) as { rows: number }).rows }, () => 1) }),
  });
  const replica = new FakeReplica('recorded', 1000);
  warmUps.begin(replica, makeModel({ warmUp: { requests: '/w.jsonl', repeat: 1, timeoutMs: 5000 } }));
  const rows: (number | undefined)[] = [];
  for (let i = 0; i < 2; i++) {
    await turn();
    rows.push(replica.sent[0]?.batch.rows);
    replica.answer();
    warmUps.credit(replica);
  }
  await answer();
  assert.deepEqual([rows, told, slabs.usedSlabs], [[2, 3], ['warm m@1'], 0]);
});

test('a batch that fails, rows that are left out, an answer of another kind, a death: each fails the warm-up, with the reason', async () => {
  const play = async (spec: ModelSpec, act: (replica: FakeReplica) => void): Promise<string | undefined> => {
    const { warmUps, told, replica, turn, clock } = setUp();
    warmUps.begin(replica, spec);
    await turn();
    act(replica);
    await turn();
    assert.deepEqual([warmUps.size, clock.pending], [0, 0]);
    return told[0];
  };
  assert.equal(await play(sized([2]), (replica) => replica.refuse('no such op')), 'warm-up failed: 2 rows of zeros: model_error: no such op');
  assert.equal(await play(sized([2]), (replica) => replica.answer([1])), 'warm-up failed: 2 rows of zeros: 1 rows were left unanswered');
  assert.equal(await play(sized([2]), (replica) => replica.die('killed by SIGKILL')), 'warm-up failed: 2 rows of zeros: it ended: killed by SIGKILL');
  assert.match(`${await play(sized([1], { output: { kind: 'value', name: 'other' } }), (replica) => replica.answer())}`, /no output named "other"/u);
  assert.match(`${await play(sized([1]), (replica) => {
    const sent = replica.sent.shift();
    sent?.sink.rowFailed(0, { code: 'bad', message: 'row' });
    sent?.sink.end({ kind: 'done' });
  })}`, /row 0 failed: bad: row/u);
});

test('it may take no longer than it may, and a replica that goes is forgotten', async () => {
  const { warmUps, told, replica, clock, turn } = setUp();
  warmUps.begin(replica, sized([1]));
  await turn();
  clock.advance(5_000_000);
  assert.deepEqual(told, ['warm-up failed: it took longer than 5000 ms']);
  const other = setUp();
  other.warmUps.begin(other.replica, sized([1]));
  assert.equal(other.warmUps.gone(other.replica), true);
  other.replica.die();
  await other.turn();
  assert.deepEqual([other.told, other.clock.pending, other.warmUps.size], [[], 0, 0]);
});

test('a recording that cannot be read, or has a line that is none, fails it', async () => {
  const spec = makeModel({ warmUp: { requests: '/w.jsonl', repeat: 1, timeoutMs: 5000 } });
  for (const [readText, expected] of [
    [() => Promise.reject(new Error('ENOENT: no such file')), /ENOENT/u], [async () => 'x', /line 1 is no JSON object/u], [async () => '{"body":{}}', /recorded request 1: unread/u],
  ] as const) {
    const { warmUps, told, replica, turn } = setUp({ readText });
    warmUps.begin(replica, spec);
    await turn();
    assert.match(`${told[0]}`, expected);
  }
});
