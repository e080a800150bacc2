import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PolicyFaults } from '../../../../../frontend/serving/selection/policy-faults.ts';
import { RecordingMeter } from '../../../../support/recording-meter.ts';
import { VirtualClock } from '../../../../support/virtual-clock.ts';

test('every fault is counted, and logged once a second', () => {
  const clock = new VirtualClock();
  const meter = new RecordingMeter();
  const logged: object[] = [];
  const say = (fields: object): void => void logged.push(fields);
  const faults = new PolicyFaults({ clock, meter, log: { debug: say, info: say, warn: say, error: say } });
  for (let i = 0; i < 3; i++) faults.report('a', 'it threw');
  faults.report('b', 'it threw');
  assert.equal(meter.value('tradewind_policy_faults_total', { app: 'a' }), 3);
  assert.deepEqual(logged, [{ app: 'a', fault: 'it threw' }, { app: 'b', fault: 'it threw' }]);
  clock.advance(1_000_000);
  faults.report('a', 'again');
  faults.keep({ a: true });
  faults.report('b', 'begun anew');
  assert.equal(logged.length, 4);
});
