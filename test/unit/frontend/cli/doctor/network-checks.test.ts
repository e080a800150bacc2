import assert from 'node:assert/strict';
import { createServer, type AddressInfo } from 'node:net';
import { test } from 'node:test';
import { persistenceFindings, portFinding, redisFindings } from '../../../../../frontend/cli/doctor/network-checks.ts';
import { requirePart } from '../../../../support/requirements.ts';
import { RedisServer } from '../../../../support/redis-server.ts';

test('a port that is taken is told, with what to do', async (t) => {
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
  t.after(() => taken.close());
  const { port } = taken.address() as AddressInfo;
  const finding = await portFinding('listen.http', { host: '127.0.0.1', port });
  assert.deepEqual([finding.verdict, finding.says.includes(`127.0.0.1:${port} is in use`)], ['bad', true]);
  assert.equal((await portFinding('listen.http', { host: '127.0.0.1', port: 0 })).verdict, 'good');
  assert.deepEqual(await Promise.all(['/tmp/s.sock', '/no/such/folder/s.sock'].map(async (path) => (await portFinding('listen.http', { path })).verdict)), ['good', 'bad']);
});

test('what Redis must be for feedback to be durable', () => {
  const verdicts = (config: Record<string, string>): string[] => persistenceFindings(new Map(Object.entries(config))).map(({ verdict }) => verdict);
  assert.deepEqual(verdicts({ appendonly: 'yes', appendfsync: 'always' }), ['good']);
  assert.deepEqual(verdicts({ appendonly: 'yes', appendfsync: 'everysec' }), ['doubtful']);
  assert.deepEqual(verdicts({ appendonly: 'yes', appendfsync: 'no' }), ['bad']);
  assert.deepEqual(verdicts({ appendonly: 'no', appendfsync: 'always', 'maxmemory': '1', 'maxmemory-policy': 'allkeys-lru' }), ['bad', 'bad']);
  assert.equal(persistenceFindings(undefined)[0]?.verdict, 'doubtful');
});

test('a Redis that is not there is bad, and its password is not shown', async () => {
  const [finding] = await redisFindings('redis://user:hunter2@127.0.0.1:1/0');
  assert.deepEqual([finding?.verdict, finding?.says.includes('hunter2')], ['bad', false]);
});

test('a Redis that is there is asked how it keeps its data', { skip: requirePart('redis-server') }, async (t) => {
  const server = await RedisServer.start(t);
  const findings = await redisFindings(server.url);
  assert.deepEqual([findings[0]?.check, findings[0]?.verdict, findings[1]?.check], ['redis', 'good', 'redis durability']);
});
