import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { writeConfig } from './feedback/config.ts';
import { durableRun } from './feedback/durable.ts';
import { exactRuns, type ExactRun } from './feedback/exact.ts';
import { startRedis, type Redis } from './feedback/redis.ts';
import { writeKeyFile } from './feedback/signed.ts';
import { say, writeResult } from './report/write.ts';

const HELP = `Feedback that is durable when it is answered: how much of it an embedded broker takes, in batches and one by one;
and whether two brokers on one Redis, told the same rewards, duplicated and in other orders, come to the right cells.

  node bench/feedback.ts [flags]

  --count N     pieces of feedback in batches of 100; a fifth of it one by one; 500000 unless given
  --rewards N   pieces over both brokers on Redis; 1000000 unless given
  --parts LIST  durable,exact unless given
  --small       a hundredth of each, and only exactness is held
  --seed N      1 unless given
  --json FILE   writes the result there; - is standard output

Exit code 1 where a bar is missed, 2 where nothing could be measured.
`;
const BARS = { batches: 50_000, singles: 5_000 };

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '500000' }, rewards: { type: 'string', default: '1000000' }, parts: { type: 'string', default: 'durable,exact' },
    small: { type: 'boolean', default: false }, seed: { type: 'string', default: '1' }, json: { type: 'string' }, help: { type: 'boolean', default: false },
  },
});

async function measure(folder: string): Promise<boolean> {
  const config = writeConfig(folder);
  const keyFile = writeKeyFile(folder);
  const parts = values.parts.split(',');
  const share = values.small ? 100 : 1;
  const [count, rewards, seed] = [Number(values.count) / share, Number(values.rewards) / share, Number(values.seed)];
  const durable = !parts.includes('durable') ? [] : [
    { ...await durableRun({ config, keyFile, count, batch: 100, connections: 16 }), atLeast: BARS.batches },
    { ...await durableRun({ config, keyFile, count: count / 5, batch: 1, connections: 64 }), atLeast: BARS.singles },
  ];
  for (const run of durable) say(`durable, ${run.batch} a request, ${run.connections} connections: ${run.perSecond.toFixed(0)}/s, ${run.cpuMicrosEach.toFixed(1)} µs each, p99 ${run.p99Ms.toFixed(2)} ms; at least ${run.atLeast}/s: ${run.perSecond >= run.atLeast ? 'pass' : 'MISSED'}`);
  const redis = parts.includes('exact') ? await startRedis() : undefined;
  if (parts.includes('exact') && redis === undefined) say('SKIP exact: there is no redis-server');
  const exact = redis === undefined ? [] : await exactOn(redis, { config, keyFile, rewards, seed });
  for (const run of exact) say(`two brokers on one Redis, ${run.kind}: ${run.sent} rewards of ${run.decisions} decisions, ${run.perSecond.toFixed(0)}/s: ${run.exact ? 'exact' : `WRONG: ${JSON.stringify(run.found)} instead of ${JSON.stringify(run.expected)}`}`);
  const pass = exact.every((run) => run.exact) && (values.small || durable.every((run) => run.perSecond >= run.atLeast));
  writeResult(values.json, { bench: 'feedback', seed, parameters: { count, rewards, parts: values.parts, small: values.small }, result: { durable, exact, pass } });
  return pass;
}

async function exactOn(redis: Redis, how: { config: string; keyFile: string; rewards: number; seed: number }): Promise<ExactRun[]> {
  try {
    return await exactRuns({ ...how, redisUrl: redis.url });
  } finally {
    await redis.stop();
  }
}

if (values.help) {
  process.stdout.write(HELP);
} else {
  const folder = mkdtempSync(join(tmpdir(), 'tradewind-feedback-'));
  try {
    process.exitCode = await measure(folder) ? 0 : 1;
  } catch (error) {
    say(error instanceof Error ? error.stack ?? error.message : String(error));
    process.exitCode = 2;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
