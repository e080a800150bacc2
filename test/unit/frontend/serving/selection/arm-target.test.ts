import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Gather } from '../../../../../frontend/dispatch/gather.ts';
import { answererOf, InnerArm, type AskedApp } from '../../../../../frontend/serving/selection/arm-target.ts';
import { makeQuery } from '../../../../support/queries.ts';
import { Road } from '../../../../support/road.ts';
import { makeModel } from '../../../../support/specs.ts';

const ASKER = { submit: () => undefined, cancel: () => 3 };
const road = new Road([makeModel()], []);
const gather = (): Gather => new Gather(makeQuery(road.slabs), 1, { read: () => 'unread', onDone: () => undefined });

test('an app as an arm is what it is at the moment, and nobody where it is gone', () => {
  let app: AskedApp | undefined = { spec: { output: 'label' }, classNames: ['a', 'b'], loneMicros: 70 };
  const arm = new InnerArm('inner', () => app, ASKER);
  assert.deepEqual([arm.spec, arm.loneMicros, arm.cancel(gather())], [{ name: 'inner', version: 0, output: { kind: 'label', classNames: ['a', 'b'] } }, 70, 3]);
  app = undefined;
  assert.deepEqual([arm.spec.output, arm.loneMicros], [{ kind: 'raw' }, 0]);
});

test('who answered is the model itself, or what the app says, or nobody where several did', () => {
  const model = road.directory.queue('m@1');
  assert.ok(model !== undefined);
  const arm = new InnerArm('inner', () => undefined, ASKER);
  const [plain, single, several] = [gather(), gather(), gather()];
  single.inner = { decisionId: 'd', source: 'model', model: 'deep', version: 4 };
  several.inner = { decisionId: 'd', source: 'ensemble' };
  assert.deepEqual(answererOf(model, plain), { model: 'm', version: 1 });
  assert.deepEqual([plain, single, several].map((one) => answererOf(arm, one)), [{}, { model: 'deep', version: 4 }, {}]);
});
