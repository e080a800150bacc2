import assert from 'node:assert/strict';
import { test } from 'node:test';
import { reportText } from '../../../../frontend/cli/bench.ts';

const CALM = {
  mode: 'open', connections: 16, measured: 1_000, seconds: 5, goodputPerSecond: 190, sources: { model: 950, default: 50, ensemble: 0 }, reasons: { infeasible: 30, no_replica: 20 },
  latencyMicros: { p50: 1_000, p90: 2_000, p99: 3_500, max: 12_345 }, latenessMicros: { p99: 900 }, waitedForConnection: 0,
} as const;

test('what a bench says: how many, how late, by whom, and why not by a model', () => {
  assert.equal(reportText(CALM, 20), [
    '200 answers/s, of which 190/s from a model within 20 ms',
    'latency ms: p50 1.00, p90 2.00, p99 3.50, max 12.35',
    'answered by: model 95.0 %, default 5.0 %; because of infeasible 3.0 %, no_replica 2.0 %',
  ].join('\n'));
  assert.match(reportText({ ...CALM, sources: { other: 1_000 }, reasons: { wrong_shape: 1_000 } }, 20), /answered by: error 100.0 %; because of wrong_shape 100.0 %$/);
});

test('a rate that could not be kept is said beside the figures, and what may help', () => {
  assert.match(reportText({ ...CALM, latenessMicros: { p99: 2_841 } }, 20), /left 2\.84 ms or more after their moment, and their latency holds that: this machine is too busy/);
  assert.match(reportText({ ...CALM, waitedForConnection: 7 }, 20), /7 requests found none of the 16 connections free, .*--connections/);
  assert.doesNotMatch(reportText({ ...CALM, mode: 'closed', latenessMicros: { p99: 0 } }, 20), /moment/);
});
