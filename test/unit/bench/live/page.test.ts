import assert from 'node:assert/strict';
import { test } from 'node:test';
import { livePage, livePictures } from '../../../../bench/live/page.ts';
import { ratioOf, replicasPoint } from '../../../../bench/live/replicas-result.ts';
import { pointOf, type LiveResult } from '../../../../bench/live/result.ts';
import { stamp } from '../../../../bench/report/stamp.ts';

const SAMPLE = { round: 0, offered: 1000, good: 700, late: 2, oracle: 800, meanBatchRows: 4, reasons: { infeasible: 298 }, lateByGenerator: 0, latest: [], p99Micros: 1, latenessP99Micros: 1, brokerMicrosPerAnswer: 1 };
const { lateOfModelShare, ...before } = pointOf({ controller: 'planner', load: 2, ratePerSecond: 300 }, [SAMPLE]);
const WORKLOAD = { name: 'w', title: 'a law', sloMs: 10, law: { microsPerRow: 1, microsPerBatch: 1, sizes: [] }, capacityPerSecond: 150, refused: [] };
const pageOf = (result: LiveResult): string => livePage(stamp({ bench: 'live', seed: 1, parameters: { rounds: 1, seconds: 1 }, result }));

test('one page holds the plots, every point, the replicas and what was not measured, and nothing comes from elsewhere', () => {
  const points = [1, 4].map((replicas) => replicasPoint({ replicas, ratePerSecond: 300 * replicas }, [{ ...SAMPLE, seconds: 2, good: 400 * replicas }]));
  const replicas = { name: 'replicas', title: 'a version', controller: 'planner', measuredAt: [{ commit: 'aaaaaaaaaaaaaaaa', dirty: false }], capacityPerSecond: 150, points, ratio: ratioOf(points) ?? { value: 0 }, refused: ['4: late'] };
  const page = pageOf({ ours: 'planner', workloads: [{ ...WORKLOAD, points: [{ ...before, lateOfModelShare: lateOfModelShare ?? 0 }] }], replicas });
  assert.ok(!/NaN|undefined|Infinity|<script|<link|@import/.test(page));
  for (const text of ['<figure id="live-w">', 'late of model’s', 'replicas of a version', '4.00 ×', 'a version, 4: late', 'aaaaaaaaaaaa (replicas)', 'up to 1.03', '3.0 % more are in time']) assert.ok(page.includes(text), text);
});

test('a result of before, without all that, has its page too', () => {
  const result = { ours: 'planner', workloads: [{ ...WORKLOAD, points: [before] }] };
  const page = pageOf(result);
  assert.ok(!/NaN|undefined|Infinity|measured at/.test(page));
  assert.ok(!page.includes('<th>late of model’s</th>') && !page.includes('replicas of'));
  assert.deepEqual([...livePictures(result).keys()], ['live-w']);
});
