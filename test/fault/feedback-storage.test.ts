import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { test } from 'node:test';
import type { StoredDecision } from '../../frontend/domain/feedback.ts';
import { BrokerProcess, until } from '../support/broker-process.ts';
import { folderWith } from '../support/config-files.ts';
import { decide, give } from '../support/feedback-load.ts';
import { decisionKey, firstClaim, KEYS, openRedis, storedApp, WINDOW_MS } from '../support/feedback-stores.ts';
import { RedisServer } from '../support/redis-server.ts';
import { findPart, requirePart } from '../support/requirements.ts';

const YAML = `
models:
  - { name: m, version: 1, container: synthetic, output: { kind: value } }
  - { name: n, version: 1, container: synthetic, output: { kind: value } }
apps:
  - { name: a, arms: [m, n], policy: thompson, slo_ms: 30000 }
`;

test('a Redis that says nothing is given up on: feedback is refused in time, predictions go on, and it is taken again', { skip: requirePart('redis-server') }, async (t) => {
  const redis = await RedisServer.start({ after: (run) => t.after(run) });
  const broker = await (await BrokerProcess.start(t, { yaml: YAML, env: { TRADEWIND_STORAGE_FEEDBACK: redis.url } })).ready();
  const [one] = await decide(broker, 'a', 1);
  assert.ok(one !== undefined);
  redis.freeze(true);
  const { status, text } = await give(broker.url, { decision_id: one.decisionId, reward: 1 });
  assert.equal(status, 503, text);
  assert.match(text, /feedback_unavailable/u);
  assert.equal((await broker.predict('a', { input: [1, 2] })).json.output, 3);
  assert.ok(await broker.metric('tradewind_store_faults_total', { trouble: 'slow' }) > 0);
  redis.freeze(false);
  const again = await until('taken', async () => {
    const reply = await give(broker.url, { decision_id: one.decisionId, reward: 1 });
    return reply.status < 300 ? reply.text : undefined;
  });
  assert.match(again, /accepted|repeated/u);
  assert.deepEqual(await broker.stop(), { code: 0, signal: null });
});

test('brokers on one Redis with different keys, and a Redis that is not there, are refused at start', { skip: requirePart('redis-server') }, async (t) => {
  const redis = await RedisServer.start({ after: (run) => t.after(run) });
  const first = await openRedis(redis.url, t, KEYS);
  await assert.rejects(openRedis(redis.url, t, [{ number: 1, secret: new Uint8Array(32).fill(9) }]), /signs decision ids with another key 1/u);
  const rotated = await openRedis(redis.url, t, [...KEYS, { number: 2, secret: new Uint8Array(32).fill(9) }]);
  await first.close();
  await rotated.close();
  await assert.rejects(BrokerProcess.start(t, { yaml: YAML, env: { TRADEWIND_STORAGE_FEEDBACK: 'unix:/nowhere/redis.sock' } }), /Redis at unix:\/nowhere\/redis\.sock cannot be used/u);
});

test('a Redis that comes back without what it had is read anew', { skip: requirePart('redis-server') }, async (t) => {
  const redis = await RedisServer.start({ after: (run) => t.after(run) });
  const store = await openRedis(redis.url, t);
  t.after(() => store.close());
  await store.serve([storedApp()]);
  await store.commit('a', [firstClaim(1, [{ cell: 'n', add: 1n }]), firstClaim(2, [{ cell: 'n', add: 1n }])]);
  await until('seen', () => store.cells.snapshot('a').cells.get('n') === 2n);
  await redis.kill9();
  await redis.forget();
  await redis.start();
  await until('empty', () => store.cells.snapshot('a').cells.size === 0);
  await until('taken', async () => {
    try {
      return (await store.commit('a', [firstClaim(1, [{ cell: 'n', add: 1n }])])).length === 1;
    } catch {
      return false;
    }
  });
  await until('seen again', () => store.cells.snapshot('a').cells.get('n') === 1n);
});

test('a Redis keeps claims, and what labels are held against, as long as the longest window wants that a broker has said while they were there', { skip: requirePart('redis-server') }, async (t) => {
  const redis = await RedisServer.start({ after: (run) => t.after(run) });
  const decidedAt = Date.now();
  const store = await openRedis(redis.url, t);
  const other = await openRedis(redis.url, t);
  t.after(() => Promise.all([store.close(), other.close()]));
  const [short, long] = [storedApp(), storedApp({ windowMs: 9 * WINDOW_MS })];
  const claim = (n: number): ReturnType<typeof firstClaim> => firstClaim(n, [], { key: decisionKey(n, decidedAt) });
  const record = (n: number): StoredDecision => ({ ...decisionKey(n, decidedAt), record: Uint8Array.of(n) });
  const endOf = async (what: string): Promise<number> => Number(await redis.command('PEXPIRETIME', `tradewind:{a}:${what}:${Math.floor(decidedAt / 60_000)}`)) - decidedAt;
  const end = async (): Promise<number> => Math.min(await endOf('claims'), await endOf('index'));
  for (const one of [store, other]) await one.serve([short]);
  await store.commit('a', [claim(1)]);
  await store.append('a', [record(1)]);
  assert.ok(await end() < 3 * WINDOW_MS);
  await store.serve([long]);
  assert.ok(await end() > 9 * WINDOW_MS, 'what is there stays for the longer window');
  await other.commit('a', [claim(2)]);
  await other.append('a', [record(2)]);
  assert.ok(await end() > 9 * WINDOW_MS, 'a broker that knows of the shorter one only shortens nothing');
  assert.deepEqual((await store.commit('a', [claim(1), claim(2)])).map(({ kind }) => kind), ['conflict', 'conflict']);
});

test('a file that is full refuses feedback and loses none; when there is room again it is taken', async (t) => {
  const folder = folderWith(t);
  const decidedAt = Date.now();
  // The limit on files is this process's own, and so in one of its own.
  const program = `
    import { openSqliteFeedback } from ${JSON.stringify(import.meta.resolve('../../frontend/storage/sqlite/feedback.ts'))};
    import { decisionKey, firstClaim, storedApp } from ${JSON.stringify(import.meta.resolve('../support/feedback-stores.ts'))};
    process.on('SIGXFSZ', () => undefined);
    const store = await openSqliteFeedback(${JSON.stringify(folder)});
    await store.serve([storedApp()]);
    let n = 0;
    let trouble;
    while (trouble === undefined && n < 100000) {
      try {
        await store.commit('a', Array.from({ length: 100 }, (_, i) => firstClaim(n + i, [{ cell: 'n', add: 1n }], { key: decisionKey(n + i, ${decidedAt}), state: new Uint8Array(200) })));
        n += 100;
      } catch (fault) { trouble = fault.trouble; }
    }
    process.stdout.write(JSON.stringify({ n, trouble, cells: String(store.cells.snapshot('a').cells.get('n')) }));
    await store.close();
  `;
  const file = join(folder, 'program.mts');
  writeFileSync(file, program);
  const limited = spawn('bash', ['-c', 'ulimit -f 2048; exec "$0" "$1"', process.execPath, file], { stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  limited.stdout.on('data', (chunk: Buffer) => { said += chunk.toString(); });
  await once(limited, 'close');
  const { n, trouble, cells } = JSON.parse(said) as { n: number; trouble: string; cells: string };
  assert.ok(n > 0 && (trouble === 'full' || trouble === 'failed'), said);
  assert.equal(cells, String(n), 'what was refused is not counted');
  const { openSqliteFeedback } = await import('../../frontend/storage/sqlite/feedback.ts');
  const store = await openSqliteFeedback(folder);
  t.after(() => store.close());
  await store.serve([storedApp()]);
  assert.equal(store.cells.snapshot('a').cells.get('n'), BigInt(n));
  assert.deepEqual((await store.commit('a', [firstClaim(0, [], { key: decisionKey(0, decidedAt) }), firstClaim(n, [{ cell: 'n', add: 1n }], { key: decisionKey(n, decidedAt) })])).map(({ kind }) => kind), ['conflict', 'applied']);
});

test('a corrupt file is said at start, and says which', async (t) => {
  const folder = folderWith(t);
  mkdirSync(join(folder, 'state'));
  writeFileSync(join(folder, 'state', 'feedback.sqlite'), 'no database, but long enough to be looked at as one. '.repeat(50));
  await assert.rejects(BrokerProcess.start(t, { folder, yaml: YAML }), /feedback\.sqlite cannot be used/u);
});

test('between the write of each group and its answers lies an fsync or fdatasync', { skip: requirePart('strace') }, async (t) => {
  const folder = folderWith(t);
  const trace = join(folder, 'trace');
  const broker = await (await BrokerProcess.start(t, { yaml: YAML })).ready();
  const rewards = await decide(broker, 'a', 40);
  const tracer = spawn(findPart('strace') ?? 'strace', ['-f', '-q', '-s', '24', '-e', 'trace=pwrite64,fsync,fdatasync,write,writev,sendto,sendmsg', '-o', trace, '-p', String(broker.pid)], { stdio: 'ignore' });
  t.after(async () => {
    if (tracer.exitCode === null) tracer.kill('SIGKILL');
  });
  // Each of its threads: one writes, another one answers.
  const threads = `/proc/${broker.pid}/task`;
  await until('traced', () => readdirSync(threads).every((thread) => /TracerPid:\t[1-9]/u.test(readFileSync(join(threads, thread, 'status'), 'utf8'))));
  for (const { decisionId, reward } of rewards) assert.equal((await give(broker.url, { decision_id: decisionId, reward })).status, 202);
  tracer.kill('SIGINT');
  await once(tracer, 'exit');
  let [dirty, synced, answers] = [false, 0, 0];
  for (const line of readFileSync(trace, 'utf8').split('\n')) {
    if (/ pwrite64\(/u.test(line)) dirty = true;
    else if (/ (?:fsync|fdatasync)\(.*= 0|<\.\.\. (?:fsync|fdatasync) resumed>.*= 0/u.test(line)) {
      if (dirty) synced++;
      dirty = false;
    } else if (line.includes('HTTP/1.1 202')) {
      answers++;
      assert.ok(!dirty, `answered before it was synced: ${line}`);
      assert.ok(synced >= answers, `answer ${answers} after ${synced} groups`);
    }
  }
  assert.equal(answers, rewards.length);
  await broker.stop();
});
