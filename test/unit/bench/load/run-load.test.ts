import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ScheduleMissed } from '../../../../bench/load/generate.ts';
import type { LoadPlan } from '../../../../bench/load/plan.ts';
import { runLoad } from '../../../../bench/load/run-load.ts';
import { answeringServer } from '../../../support/answering-server.ts';

function plan(url: string): LoadPlan {
  const module = new URL('../../../../bench/load/listed-source.ts', import.meta.url).href;
  return { url, source: { module, options: { requests: [{ path: '/', host: 'h', body: 'x' }] } }, connections: 2, load: { kind: 'closed' }, requests: 50 };
}

test('a load runs in another process, and its report and progress come back', async () => {
  const server = await answeringServer();
  let answered = 0;
  const report = await runLoad(plan(server.url), (progress) => { answered = progress.answered; });
  assert.deepEqual([report.sent, report.answered, server.bodies.length, answered], [50, 50, 50, 50]);
  await server.close();
});

test('what goes wrong there is rejected here: a server that is not there, a schedule that was missed', async () => {
  const server = await answeringServer();
  const missed = runLoad({ ...plan(server.url), requests: 5_000, load: { kind: 'open', arrivals: 'constant', ratePerSecond: 50_000_000 }, maxLatenessMicros: 1 });
  await assert.rejects(missed, ScheduleMissed);
  await server.close();
  await assert.rejects(runLoad(plan(server.url)), /cannot connect/);
});
