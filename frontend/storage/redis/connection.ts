import { createHash } from 'node:crypto';
import { Redis } from 'ioredis';
import { StoreFault, type StoreTrouble } from '../../domain/feedback.ts';
import type { Log } from '../../domain/log.ts';

const COMMAND_TIMEOUT_MS = 2_000;
const CONNECT_TIMEOUT_MS = 5_000;
const LONGEST_RETRY_MS = 500;

export type RedisValue = string | Buffer | number;

/**
 * One connection to Redis, made again whenever it is lost. Nothing is queued while it is away: what is asked then fails at
 * once, and what takes longer than two seconds is given up. Faults are `StoreFault`s.
 */
export class RedisConnection {
  readonly #redis: Redis;
  readonly #hashes = new Map<string, string>();
  #onReconnect: () => void = () => undefined;

  private constructor(redis: Redis) {
    this.#redis = redis;
  }

  /** `redis://…`, `rediss://…` or `unix:/path`. Rejects with a sentence for the operator; the password is not in it. */
  static async open(url: string, log: Log): Promise<RedisConnection> {
    const options = {
      lazyConnect: true, enableOfflineQueue: false, maxRetriesPerRequest: 0, autoResendUnfulfilledCommands: false,
      connectTimeout: CONNECT_TIMEOUT_MS, commandTimeout: COMMAND_TIMEOUT_MS,
      retryStrategy: (tries: number) => Math.min(20 * tries, LONGEST_RETRY_MS),
      // A primary that has become a replica says so: whoever is behind the name now is asked.
      reconnectOnError: (error: Error) => error.message.startsWith('READONLY'),
    };
    const redis = url.startsWith('unix:') ? new Redis({ ...options, path: url.slice('unix:'.length) }) : new Redis(url, options);
    let told = '';
    redis.on('error', (error: Error) => {
      if (error.message === told) return;
      told = error.message;
      log.warn({ err: error.message }, 'Redis cannot be reached');
    });
    redis.on('ready', () => {
      if (told !== '') log.info({}, 'Redis can be reached again');
      told = '';
    });
    try {
      await redis.connect();
    } catch (thrown) {
      redis.disconnect();
      throw new Error(`Redis at ${withoutPassword(url)} cannot be used: ${told === '' ? (thrown as Error).message : told}`, { cause: thrown });
    }
    const connection = new RedisConnection(redis);
    redis.on('ready', () => connection.#onReconnect());
    return connection;
  }

  /** Called whenever the connection has been made again; it may be another server that answers. */
  onReconnect(run: () => void): void {
    this.#onReconnect = run;
  }

  /** Strings in the reply come as buffers. */
  async run(command: string, args: readonly RedisValue[]): Promise<unknown> {
    try {
      return await this.#redis.callBuffer(command, [...args]);
    } catch (thrown) {
      throw faultOf(thrown);
    }
  }

  /** Runs a script by its hash; Redis is given its text where it does not know it. */
  async script(text: string, keys: readonly string[], args: readonly RedisValue[]): Promise<unknown> {
    let hash = this.#hashes.get(text);
    if (hash === undefined) {
      hash = createHash('sha1').update(text).digest('hex');
      this.#hashes.set(text, hash);
    }
    try {
      return await this.#redis.callBuffer('EVALSHA', [hash, keys.length, ...keys, ...args]);
    } catch (thrown) {
      if (!(thrown as Error).message.startsWith('NOSCRIPT')) throw faultOf(thrown);
      return this.run('EVAL', [text, keys.length, ...keys, ...args]);
    }
  }

  close(): void {
    this.#redis.disconnect();
  }
}

function faultOf(thrown: unknown): StoreFault {
  const { message } = thrown as Error;
  // What ioredis says of a command for which there is no connection helps nobody.
  return new StoreFault(troubleOf(message), message.startsWith("Stream isn't writeable") ? 'Redis cannot be reached' : message);
}

function troubleOf(message: string): StoreTrouble {
  if (message.startsWith('OOM')) return 'full';
  if (message.includes('timed out')) return 'slow';
  if (/^(?:READONLY|LOADING|MASTERDOWN|CLUSTERDOWN|TRYAGAIN)/u.test(message)) return 'unreachable';
  // What Redis itself says begins with a word in capitals; the rest is about the way there.
  return /^[A-Z]+ /u.test(message) ? 'failed' : 'unreachable';
}

function withoutPassword(url: string): string {
  return url.replace(/\/\/[^@/]*@/u, '//');
}
