import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CellMeter } from '../../../../../frontend/metrics/cells.ts';
import { FeedbackMeters } from '../../../../../frontend/serving/feedback/meters.ts';

test('each is counted under its own name and labels, as the table has them', () => {
  const meter = new CellMeter();
  const meters = new FeedbackMeters(meter);
  meters.verdict('a', 'accepted');
  meters.verdict('a', 'accepted');
  meters.verdict('', 'forged_decision');
  meters.durable('a', 300);
  meters.own('a', 'silence');
  meters.journal('a', 'kept', 3);
  meters.policyFault('a');
  meters.storeFault('full');
  const read = (name: Parameters<CellMeter['read']>[0]): unknown => [...meter.read(name)].map(({ labels, values }) => [...Object.values(labels), values[0]]);
  assert.deepEqual(read('tradewind_feedback_total'), [['a', 'accepted', 2], ['', 'forged_decision', 1]]);
  assert.deepEqual(read('tradewind_feedback_seconds'), [['a', 300]]);
  assert.deepEqual(read('tradewind_feedback_own_total'), [['a', 'silence', 1]]);
  assert.deepEqual(read('tradewind_journal_total'), [['a', 'kept', 3]]);
  assert.deepEqual(read('tradewind_policy_faults_total'), [['a', 1]]);
  assert.deepEqual(read('tradewind_store_faults_total'), [['full', 1]]);
});

test('an app that went and came again is counted anew', () => {
  const meter = new CellMeter();
  const meters = new FeedbackMeters(meter);
  meters.verdict('a', 'accepted');
  meter.forget({ app: 'a' });
  meters.keep(new Set(['b']));
  meters.journal('a', 'kept', 1);
  meters.verdict('', 'unknown_app');
  assert.deepEqual([meter.read('tradewind_journal_total').length, meter.read('tradewind_feedback_total').length], [0, 1], 'what was under way leaves no series of it');
  meters.keep(new Set(['a', 'b']));
  meters.verdict('a', 'accepted');
  assert.deepEqual([...meter.read('tradewind_feedback_total')].map(({ labels, values }) => [labels['app'], values[0]]), [['', 1], ['a', 1]]);
});
