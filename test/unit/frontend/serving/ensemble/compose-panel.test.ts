import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AppSpec } from '../../../../../frontend/domain/model.ts';
import { makeQuery } from '../../../../support/queries.ts';
import { Road } from '../../../../support/road.ts';
import { makeApp, makeModel } from '../../../../support/specs.ts';

const NAMES = ['x', 'y'];

function asked(app: Partial<AppSpec>): { road: Road; fail: (arm: number, row: number) => void; answer: (arm: number, leaveOut?: readonly number[]) => void } {
  const road = new Road(NAMES.map((name) => makeModel({ name })), [makeApp({ arms: NAMES, ...app })]);
  const replicas = NAMES.map((name) => road.replica(`${name}@1`));
  road.predict.submit(makeQuery(road.slabs, { arrivedAtMicros: road.clock.now(), values: [1, 2] }));
  road.clock.settle();
  return {
    road,
    fail: (arm, row) => replicas[arm]?.sent[0]?.sink.rowFailed(row, { code: 'bad', message: 'blank' }),
    answer: (arm, leaveOut = []) => {
      replicas[arm]?.answer(leaveOut);
      road.clock.settle();
    },
  };
}

test('each row of an ensemble is combined of those that answered it', () => {
  const { road, fail, answer } = asked({ ensemble: { combine: 'mean' } });
  fail(0, 1);
  answer(0, [1]);
  answer(1);
  const [first] = road.answers;
  assert.ok(first?.ok && first.source === 'ensemble' && first.missing === undefined);
  assert.deepEqual(first.rows.map(({ output, confidence }) => [output, confidence]), [[{ kind: 'value', value: 1 }, 1], [{ kind: 'value', value: 2 }, 0.5]]);
  assert.equal(road.slabs.usedSlabs, 0);
});

test('rows that nobody answered get the default, or make the answer an error', () => {
  for (const onMiss of ['default', 'error'] as const) {
    const { road, fail, answer } = asked({ ensemble: { combine: 'mean' }, onMiss });
    for (const arm of [0, 1]) {
      fail(arm, 1);
      answer(arm, [1]);
    }
    const [first] = road.answers;
    if (onMiss === 'default') assert.deepEqual(first?.ok && [first.source, first.reason, first.rows.map(({ source }) => source)], ['default', 'row_failed', ['ensemble', 'default']]);
    else assert.ok(first?.ok === false && first.failure.code === 'row_failed');
    assert.equal(road.slabs.usedSlabs, 0);
  }
});

test('a cascade takes each row from whoever was sure of it, and names the last that was asked', () => {
  const { road, fail, answer } = asked({ cascade: { first: 'x', second: 'y', below: 0.5 } });
  fail(0, 1);
  answer(0, [1]);
  answer(1);
  const [first] = road.answers;
  assert.ok(first?.ok && first.source === 'model' && first.model === 'y');
  assert.deepEqual(first.rows.map(({ output }) => output), [{ kind: 'value', value: 1, dtype: 'float32' }, { kind: 'value', value: 2, dtype: 'float32' }]);
});
