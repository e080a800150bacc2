import { accessSync, constants } from 'node:fs';
import { createServer } from 'node:net';
import { dirname } from 'node:path';
import type { Redis as RedisClient } from 'ioredis';
import type { ListenAddress } from '../../domain/listening.ts';
import { explain } from '../terminal/failure.ts';
import { bad, doubtful, good, type Finding } from './finding.ts';

const LIMIT_MS = 3_000;

/** Whether the address can be listened on now. A socket that is there is the broker's to replace, where nobody listens on it. */
export function portFinding(check: string, address: Pick<Extract<ListenAddress, { port: number }>, 'host' | 'port'> | { readonly path: string }): Promise<Finding> {
  if ('path' in address) return Promise.resolve(folderFinding(check, address.path));
  const { host, port } = address;
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error) => resolve(bad(check, explain(error))));
    server.listen({ host, port }, () => server.close(() => resolve(good(check, `${host}:${port} is free`))));
  });
}

function folderFinding(check: string, path: string): Finding {
  try {
    accessSync(dirname(path), constants.W_OK | constants.X_OK);
    return good(check, `${path} can be made`);
  } catch (thrown) {
    return bad(check, `${dirname(path)}, where the socket is to be, cannot be written: ${(thrown as NodeJS.ErrnoException).code ?? 'unknown'}`);
  }
}

/** What a Redis must be for feedback to be durable. */
export async function redisFindings(url: string): Promise<readonly Finding[]> {
  // Only here: the other commands answer sooner without it.
  const { Redis } = await import('ioredis');
  const redis = new Redis(url, { lazyConnect: true, connectTimeout: LIMIT_MS, commandTimeout: LIMIT_MS, maxRetriesPerRequest: 0, retryStrategy: () => null, enableOfflineQueue: false });
  redis.on('error', () => {});
  try {
    await redis.connect();
    const info = await redis.info();
    return [good('redis', `${field(info, 'redis_version')} at ${withoutSecret(url)}`), ...persistenceFindings(await configOf(redis))];
  } catch (thrown) {
    return [bad('redis', `${withoutSecret(url)} cannot be used: ${(thrown as Error).message}`)];
  } finally {
    redis.disconnect();
  }
}

/** The words of `CONFIG GET` that durability hangs on; undefined where the server does not say (a managed one). */
export function persistenceFindings(config: ReadonlyMap<string, string> | undefined): readonly Finding[] {
  if (config === undefined) return [doubtful('redis durability', 'the server does not say how it keeps its data: see to it that it is appendonly with appendfsync always or everysec.')];
  const findings: Finding[] = [];
  const fsync = config.get('appendfsync');
  if (config.get('appendonly') !== 'yes') findings.push(bad('redis durability', 'appendonly is off: acknowledged feedback is lost when it ends. Set appendonly yes.'));
  else if (fsync === 'no') findings.push(bad('redis durability', 'appendfsync is no: acknowledged feedback may be lost for half a minute back. Set appendfsync always, or everysec.'));
  else if (fsync === 'everysec') findings.push(doubtful('redis durability', 'appendfsync is everysec: a crash of its machine loses up to a second of acknowledged feedback. Set appendfsync always where that is too much.'));
  else findings.push(good('redis durability', `appendonly, appendfsync ${fsync ?? 'always'}`));
  const eviction = config.get('maxmemory-policy') ?? 'noeviction';
  if (eviction !== 'noeviction' && config.get('maxmemory') !== '0') findings.push(bad('redis memory', `maxmemory-policy is ${eviction}: it drops claims and what was learned when it is full. Set noeviction.`));
  return findings;
}

async function configOf(redis: RedisClient): Promise<ReadonlyMap<string, string> | undefined> {
  try {
    const words = await Promise.all(['append*', 'maxmemory*'].map(async (pattern) => (await redis.config('GET', pattern)) as readonly string[]));
    return new Map(words.flatMap((list) => list.flatMap((key, i) => (i % 2 === 0 ? [[key, list[i + 1] ?? ''] as const] : []))));
  } catch {
    return undefined;
  }
}

function field(info: string, name: string): string {
  return new RegExp(`^${name}:(.*)$`, 'mu').exec(info)?.[1]?.trim() ?? 'redis';
}

function withoutSecret(url: string): string {
  return url.replace(/\/\/[^@/]*@/u, '//');
}
