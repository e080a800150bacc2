import assert from 'node:assert/strict';
import { test } from 'node:test';
import { generate, ScheduleMissed } from '../../../../bench/load/generate.ts';
import type { LoadPlan } from '../../../../bench/load/plan.ts';
import { answeringServer, json } from '../../../support/answering-server.ts';

/** Lateness is for benches to mind; here only what is sent and counted matters. */
const ANY_LATENESS = { maxLatenessMicros: 60_000_000 };

function plan(url: string, more: Partial<LoadPlan> = {}): LoadPlan {
  return {
    url,
    source: { module: new URL('../../../../bench/load/patched-source.ts', import.meta.url).href, options: { request: { path: '/p', host: 'h', body: '[0.####]' } } },
    connections: 4,
    load: { kind: 'closed' },
    requests: 200,
    ...more,
  };
}

test('the closed loop sends each request once, all different, and counts every answer', async () => {
  const server = await answeringServer();
  const report = await generate(plan(server.url, { watchPids: [process.pid] }));
  assert.deepEqual([report.sent, report.answered, report.measured, report.lost, report.unanswered, report.wrong], [200, 200, 200, 0, 0, 0]);
  assert.equal(new Set(server.bodies).size, 200);
  assert.deepEqual(report.sources, { model: 200 });
  assert.ok(report.latencyMicros.p50 > 0 && report.answersPerSecond > 0 && (report.watchedCpu[0]?.micros ?? 0) > 0);
  await server.close();
});

test('the open loop sends as many as were asked at the rate that was asked', async () => {
  const server = await answeringServer();
  const beganMs = performance.now();
  const report = await generate(plan(server.url, { connections: 200, load: { kind: 'open', arrivals: 'constant', ratePerSecond: 2_000 }, ...ANY_LATENESS }));
  assert.deepEqual([report.sent, report.answered, server.bodies.length], [200, 200, 200]);
  // Not by the report's own clock, which begins later where this process stood still in between.
  const tookMs = performance.now() - beganMs;
  assert.ok(tookMs >= 99, `the last leaves after 100 ms, not ${tookMs}`);
  await server.close();
});

test('a server that never answers leaves its requests unanswered, and the report comes all the same', async () => {
  const server = await answeringServer((body, response) => { if (body !== '[0.0007]') json(response, '{}'); });
  const report = await generate(plan(server.url, { requests: 20, answerTimeoutMs: 1000 }));
  assert.deepEqual([report.sent, report.answered, report.unanswered], [20, 19, 1]);
  await server.close();
});

test('an open loop that finds no connection free refuses to report', async () => {
  const server = await answeringServer(() => undefined);
  const stuck = generate(plan(server.url, { connections: 1, seconds: 0.05, answerTimeoutMs: 10, load: { kind: 'open', arrivals: 'constant', ratePerSecond: 1_000 }, ...ANY_LATENESS }));
  await assert.rejects(stuck, (error: Error) => error instanceof ScheduleMissed && /give more connections/.test(error.message));
  await server.close();
});

test('an open loop that cannot keep its schedule refuses to report', async () => {
  const server = await answeringServer();
  const late = generate(plan(server.url, { connections: 64, requests: 5_000, load: { kind: 'open', arrivals: 'constant', ratePerSecond: 50_000_000 }, maxLatenessMicros: 1 }));
  await assert.rejects(late, (error: Error) => error instanceof ScheduleMissed && /could not keep its schedule/.test(error.message));
  await server.close();
});

test('a plan that cannot be run is refused before anything is sent', async () => {
  await assert.rejects(generate(plan('http://127.0.0.1:1', { connections: 0 })), RangeError);
});
