import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { writeConfig } from './feedback/config.ts';
import { durableRun, type DurableLoad, type DurableRun } from './feedback/durable.ts';
import { exactRuns, type ExactRun } from './feedback/exact.ts';
import { startRedis, type Redis } from './feedback/redis.ts';
import { barsOf, feedbackTable } from './feedback/result.ts';
import { writeKeyFile } from './feedback/signed.ts';
import { textTable } from './report/table.ts';
import { say, writeResult } from './report/write.ts';

const HELP = `Feedback that is durable when it is answered: how much of it a broker takes, in batches and one by one, in its own
file and in a Redis that syncs every write; and whether two brokers on one Redis, told the same rewards, duplicated and in
other orders, come to the right cells.

  node bench/feedback.ts [flags]

  --count N     pieces of feedback in batches of 100; a fifth of it one by one; 500000 unless given
  --rewards N   pieces over both brokers on Redis; 1000000 unless given
  --parts LIST  sqlite,redis,exact unless given
  --small       a hundredth of each, and only exactness is held
  --seed N      1 unless given
  --json FILE   writes the result there; - is standard output

Exit code 1 where a bar is missed, 2 where nothing could be measured.
`;

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '500000' }, rewards: { type: 'string', default: '1000000' }, parts: { type: 'string', default: 'sqlite,redis,exact' },
    small: { type: 'boolean', default: false }, seed: { type: 'string', default: '1' }, json: { type: 'string' }, help: { type: 'boolean', default: false },
  },
});

async function measure(folder: string): Promise<boolean> {
  const files = { config: writeConfig(folder), keyFile: writeKeyFile(folder) };
  const parts = values.parts.split(',');
  const share = values.small ? 100 : 1;
  const [count, rewards, seed] = [Number(values.count) / share, Number(values.rewards) / share, Number(values.seed)];
  const durable = parts.includes('sqlite') ? await durableRuns({ ...files, count }) : [];
  if (parts.includes('redis')) durable.push(...await onRedis('redis', (redis) => durableRuns({ ...files, count, redisUrl: redis.url })));
  const exact: readonly ExactRun[] = parts.includes('exact') ? await onRedis('exact', (redis) => exactRuns({ ...files, rewards, seed, redisUrl: redis.url })) : [];
  for (const run of exact) if (!run.exact) say(`${run.kind}: ${JSON.stringify(run.found)} instead of ${JSON.stringify(run.expected)}`);
  const bars = barsOf(durable, exact);
  say(textTable(feedbackTable({ durable, exact })));
  writeResult(values.json, { bench: 'feedback', seed, parameters: { count, rewards, parts: values.parts, small: values.small }, result: { durable, exact, bars } });
  return values.small ? exact.every((run) => run.exact) : bars.every(({ pass }) => pass);
}

async function durableRuns(load: Omit<DurableLoad, 'batch' | 'connections'>): Promise<DurableRun[]> {
  const runs = [await durableRun({ ...load, batch: 100, connections: 16 }), await durableRun({ ...load, count: load.count / 5, batch: 1, connections: 64 })];
  for (const { store, batch, perSecond } of runs) say(`durable (${store ?? 'SQLite'}), ${batch} a request: ${perSecond.toFixed(0)}/s`);
  return runs;
}

/** On a Redis that nobody else has; nothing where this machine has none. */
async function onRedis<Run>(part: string, run: (redis: Redis) => Promise<readonly Run[]>): Promise<readonly Run[]> {
  const redis = await startRedis();
  if (redis === undefined) {
    say(`SKIP ${part}: there is no redis-server`);
    return [];
  }
  try {
    return await run(redis);
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
