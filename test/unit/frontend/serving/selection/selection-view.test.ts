import assert from 'node:assert/strict';
import { test } from 'node:test';
import { selectionView } from '../../../../../frontend/serving/selection/selection-view.ts';
import { rewards, taught } from '../../../../support/selection.ts';
import { makePolicy } from '../../../../../selection-policies/catalog.ts';
import { Road } from '../../../../support/road.ts';
import { makeApp, makeModel } from '../../../../support/specs.ts';

test('it shows who gets the traffic, what it earned, and who is likely the best', () => {
  const arms = ['m', 'n'];
  const cells = taught(makePolicy('adaptive'), arms, [...rewards('m', 100, 0.9), ...rewards('n', 20, 0.5)]);
  const road = new Road([makeModel(), makeModel({ name: 'n' })], [makeApp({ arms, policy: 'adaptive' })], { cells: { snapshot: () => ({ cells, version: 120 }) } });
  road.replica('m@1');
  const app = road.apps.get('a');
  assert.ok(app);
  const alone = selectionView(app, 0);
  assert.deepEqual(alone.arms.map(({ arm, version, replicas, open, share }) => [arm, version, replicas, open, share]), [['m', 1, 1, true, 1], ['n', 1, 0, false, 0]]);
  road.replica('n@1');
  const { policy, view, arms: [m, n] } = selectionView(app, 0);
  assert.deepEqual([policy, view], ['adaptive', 120]);
  assert.ok(m?.reward !== undefined && n?.reward !== undefined);
  assert.equal(m.reward.weight, 100);
  assert.ok(m.reward.low < 0.9 && m.reward.high > 0.9 && m.reward.low > 0.8, JSON.stringify(m.reward));
  assert.ok(n.reward.high - n.reward.low > m.reward.high - m.reward.low);
  assert.ok(m.probabilityBest > 0.99 && Math.abs(m.probabilityBest + n.probabilityBest - 1) < 1e-6 && m.share > 0.9);
});
