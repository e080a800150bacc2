import { createHash } from 'node:crypto';
import { StoreFault } from '../../domain/feedback.ts';
import type { Log } from '../../domain/log.ts';
import type { ReceiptKey } from '../../domain/state-store.ts';
import type { RedisConnection } from './connection.ts';

const RECEIPT_KEYS = 'tradewind:receipt-keys';

/** Each key leaves a fingerprint under its number, and must find its own. */
export async function checkKeys(redis: RedisConnection, keys: readonly ReceiptKey[]): Promise<void> {
  for (const { number, secret } of keys) {
    const fingerprint = createHash('sha256').update('tradewind receipt key').update(secret).digest('hex').slice(0, 32);
    await redis.run('HSETNX', [RECEIPT_KEYS, number, fingerprint]);
    const held = (await redis.run('HGET', [RECEIPT_KEYS, number])) as Buffer | null;
    if (held?.toString() !== fingerprint) {
      throw new Error(`another broker on this Redis signs decision ids with another key ${number}: give all of them the same storage.receipt_key_file`);
    }
  }
}

/** Acknowledged feedback is as durable as Redis makes it. */
export async function warnOfPersistence(redis: RedisConnection, log: Log): Promise<void> {
  const read = async (name: string): Promise<string> => ((await redis.run('CONFIG', ['GET', name])) as readonly Buffer[])[1]?.toString() ?? '';
  try {
    const [appendonly, appendfsync] = [await read('appendonly'), await read('appendfsync')];
    if (appendonly === 'yes' && appendfsync === 'always') return;
    log.warn({ appendonly, appendfsync }, 'this Redis may lose feedback that was acknowledged; "appendonly yes" and "appendfsync always" make it durable');
  } catch (thrown) {
    if (!(thrown instanceof StoreFault)) throw thrown;
    log.warn({ err: thrown.message }, 'this Redis does not say how durable it is');
  }
}
