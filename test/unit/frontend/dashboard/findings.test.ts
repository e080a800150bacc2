import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findings, ofApp, ofModel } from '../../../../frontend/dashboard/findings.ts';
import { appFigures, liveState, modelFigures } from '../../../support/dashboard-state.ts';

const miss = (reason: string, perSecond: number, source = 'default'): { source: string; reason: string; perSecond: number } => ({ source, reason, perSecond });

test('where all is well there is nothing to say', () => {
  assert.deepEqual(findings(liveState([appFigures('digits')], [modelFigures('digits-svm@1')])), []);
});

test('defaults are told with their reason, and the figures that show it', () => {
  const [finding] = findings(liveState([appFigures('digits', { goodPerSecond: 88, misses: [miss('slo_unreachable', 12)] })], [modelFigures('digits-svm@1', { serviceP99Ms: 48 })]));
  assert.equal(finding?.severity, 'bad');
  assert.equal(`${finding?.subject}: ${finding?.text}. ${finding?.why}`, 'digits: 12 % of answers are defaults. The model cannot answer in time even alone; p99 of a batch past 20 ms: digits-svm@1 48.0 ms.');
});

test('errors and late answers are told apart from defaults, the most first', () => {
  const [finding] = findings(liveState([appFigures('a', { goodPerSecond: 90, misses: [miss('queue_full', 2), { reason: 'late', perSecond: 1 }, miss('batch_failed', 7, 'error')] })], []));
  assert.equal(finding?.text, '7 % of answers are errors, 2 % defaults and 1 % late');
  assert.equal(finding?.why, 'The model failed on whole batches.');
});

test('a few misses are a warning, fewer are none, and nobody asks is nothing', () => {
  const severity = (good: number, all = 100): string | undefined => findings(liveState([appFigures('a', { answersPerSecond: all, goodPerSecond: good, misses: [miss('infeasible', all - good)] })], []))[0]?.severity;
  assert.deepEqual([severity(95.5), severity(94), severity(99.5), severity(0, 0), severity(0, 0.1)], ['warn', 'bad', undefined, undefined, undefined]);
});

test('a model without a replica is told with what its replicas do, and why', () => {
  const broken = modelFigures('digits-svm@1', { desired: 2, replicas: { crash_loop: 1, backoff: 1 }, deaths: 9, trouble: 'exited with code 3' });
  const found = findings(liveState([appFigures('digits', { goodPerSecond: 0, misses: [miss('no_replica', 100)] })], [broken]));
  assert.deepEqual(found.map(({ text }) => text), ['100 % of answers are defaults', 'no replica is ready: 1 in a crash loop, 1 waiting to start again']);
  assert.deepEqual(found.map(({ why }) => why), ['No replica is ready; digits-svm@1 has none: 1 in a crash loop, 1 waiting to start again.', 'Why: exited with code 3.']);
});

test('a replica that starts for the first time is no alarm; too few are a warning', () => {
  const severity = (more: Parameters<typeof modelFigures>[1]): string | undefined => findings(liveState([], [modelFigures('m@1', more)]))[0]?.severity;
  assert.deepEqual([severity({ replicas: { starting: 1 } }), severity({ replicas: { starting: 1 }, deaths: 1 }), severity({ desired: 3, replicas: { ready: 2, starting: 1 } }), severity({ desired: 0, replicas: {} })], ['warn', 'bad', 'warn', undefined]);
});

test('a version of which nothing is started yet is told with what it waits for; what comes by itself is no alarm', () => {
  const told = (waiting: NonNullable<ReturnType<typeof modelFigures>['waiting']>): unknown[] => findings(liveState([], [modelFigures('m@2', { replicas: {}, waiting })])).map(({ severity, text }) => [severity, text]);
  assert.deepEqual(told({ why: 'turn' }), [['warn', 'no replica is ready: it waits for its turn to load']]);
  assert.deepEqual(told({ why: 'room', text: 'm@1 has not ended yet' }), [['warn', 'no replica is ready: it waits for its turn: m@1 has not ended yet']]);
  assert.deepEqual(told({ why: 'no_memory', text: 'it needs 300 MiB; there are about 64 MiB' }), [['bad', 'no replica is ready: it is not loaded: it needs 300 MiB; there are about 64 MiB']]);
});

test('the worst comes first, and a busy broker is the worst', () => {
  const found = findings(liveState([appFigures('a', { goodPerSecond: 98, misses: [miss('infeasible', 2)] })], [modelFigures('m@1', { replicas: {}, deaths: 3 })], { loopBusy: 0.99 }));
  assert.deepEqual(found.map(({ kind }) => kind), ['broker', 'model', 'app']);
});

test('a view has the findings that it is about', () => {
  const state = liveState([appFigures('a', { goodPerSecond: 50, misses: [miss('infeasible', 50)] }), appFigures('b', { arms: ['other'], goodPerSecond: 50 })], [modelFigures('digits-svm@1')]);
  const found = findings(state);
  assert.deepEqual(ofApp(found, 'b').map(({ subject }) => subject), ['b']);
  assert.deepEqual(ofModel(found, 'digits-svm@1', state).map(({ subject }) => subject), ['a']);
});

test('a broker that is nearly busy is a warning', () => {
  assert.deepEqual([0.89, 0.95, 0.99].map((loopBusy) => findings(liveState([], [], { loopBusy }))[0]?.severity), [undefined, 'warn', 'bad']);
});

test('a hypervisor that gives the cores to others is named', () => {
  const found = [0.049, 0.05, 0.28].flatMap((stolen) => findings(liveState([], [], { stolen })));
  assert.deepEqual(found.map(({ severity, text }) => [severity, text]), [
    ['warn', "the hypervisor gives 5 % of this machine's cores to others"], ['bad', "the hypervisor gives 28 % of this machine's cores to others"],
  ]);
});

test('a broker that is busy is told from one that the machine lets wait', () => {
  const texts = [0.98, 0.05].map((cpu) => findings(liveState([], [], { loopBusy: 0.99, cpu })).map(({ text }) => text));
  assert.deepEqual(texts, [["the broker's own thread is busy 99 % of the time"], ['the broker waits for the machine: its thread is busy 99 % of the time, and gets 5 % of a core']]);
});

test('a clock that was set, or a machine that slept, is told in minutes; what keeps clocks right is not', () => {
  const found = [59_000, -59_000, 90_000, -3_600_000].flatMap((clockMovedMs) => findings(liveState([], [], { clockMovedMs })));
  assert.deepEqual(found.map(({ severity, text }) => [severity, text]), [
    ['warn', 'the clock of this machine has gone 1.5 min forward since the broker started'], ['warn', 'the clock of this machine has gone 60 min back since the broker started'],
  ]);
  assert.match(found[0]?.why ?? '', /is early by as much/u);
});
