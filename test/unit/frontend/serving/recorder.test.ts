import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Decision } from '../../../../frontend/domain/decision.ts';
import { armResult, keepsDecisions, needsDecisions, recordDecision } from '../../../../frontend/serving/recorder.ts';
import { select } from '../../../../frontend/serving/selection/select.ts';
import { makeQuery } from '../../../support/queries.ts';
import { Road } from '../../../support/road.ts';
import { makeApp, makeModel } from '../../../support/specs.ts';

const JOURNAL = { keep: true, required: false, maxAgeMs: 1e9, maxBytes: 1e9 };

test('an app keeps its decisions where it says so, and where its policy could not learn without', () => {
  const road = new Road([makeModel()], [makeApp(), makeApp({ name: 'kept', journal: JOURNAL }), makeApp({ name: 'needed', journal: { ...JOURNAL, required: true } }), makeApp({ name: 'context', policy: 'lin-ts' })]);
  const said = ['a', 'kept', 'needed', 'context'].map((name) => {
    const app = road.apps.get(name);
    assert.ok(app);
    return [keepsDecisions(app), needsDecisions(app)];
  });
  assert.deepEqual(said, [[false, false], [true, false], [true, true], [true, true]]);
});

test('a record says who might have been asked, how likely each was, and what came of those that were', () => {
  const road = new Road([makeModel(), makeModel({ name: 'n' })], [makeApp({ arms: ['m', 'n'], policy: 'adaptive', journal: JOURNAL })]);
  road.replica('m@1');
  road.replica('n@1');
  const app = road.apps.get('a');
  assert.ok(app);
  const query = makeQuery(road.slabs, { sloMicros: 30_000, context: { secret: 1 } });
  const selection = select(app, query, { key: Uint32Array.of(1, 2, 3, 4), id: Buffer.alloc(12), now: 0 });
  assert.ok('choice' in selection);
  const { choice } = selection;
  const records: Decision[] = [];
  const journal = { refusal: () => undefined, record: (decision: Decision) => { records.push(decision); return 'kept' as const; } };
  const asked = [armResult(choice, { rows: [{ reason: 'batch_failed' }] } as never, choice)];
  assert.equal(recordDecision(journal, { app, query, id: new Uint8Array(12), choice, mode: 'default', atEpochMs: 5, asked }), 'kept');
  const [{ arms, pmf, propensity, sloMs, mode, asked: kept, context, ...rest } = {} as Decision] = records;
  assert.deepEqual({ arms, pmf, propensity, sloMs, mode, context }, { arms: ['m', 'n'], pmf: [0.5, 0.5], propensity: 0.5, sloMs: 30, mode: 'default', context: undefined });
  assert.deepEqual(kept, [{ arm: choice.arm, version: 1, outputs: [], stamp: 0, missed: 'batch_failed' }]);
  assert.equal(rest.policy, 'adaptive');
});
