import type { TestContext } from 'node:test';
import type { DecisionKey } from '../../frontend/domain/decision.ts';
import type { ClaimCommit, FeedbackStore, StoredApp } from '../../frontend/domain/feedback.ts';
import { RealClock } from '../../frontend/runtime/real-clock.ts';
import { openRedisFeedback } from '../../frontend/storage/redis/feedback.ts';
import { openSqliteFeedback } from '../../frontend/storage/sqlite/feedback.ts';
import { folderWith } from './config-files.ts';
import { RedisServer } from './redis-server.ts';
import { requirePart } from './requirements.ts';

export const WINDOW_MS = 3_600_000;
/** One moment for all decisions of a test: a claim lies in the minute of its decision, and minutes end. */
const DECIDED_AT = Date.now();
export const KEYS = [{ number: 1, secret: new Uint8Array(32).fill(7) }];

export function storedApp(more: Partial<StoredApp> = {}): StoredApp {
  return { name: 'a', windowMs: WINDOW_MS, maxClaims: 1e6, maxCells: 1e6, maxKeys: 1e6, journalMaxAgeMs: WINDOW_MS, journalMaxBytes: 1e9, ...more };
}

/** The id of decision number `n` of a broker. */
export function decisionKey(n: number, atEpochMs = DECIDED_AT): DecisionKey {
  const id = Buffer.alloc(12, 1);
  id.writeUIntLE(n, 6, 6);
  return { id, atEpochMs };
}

/** A first claim on decision number `n`. */
export function firstClaim(n: number, increments: ClaimCommit['increments'], more: Partial<ClaimCommit> = {}): ClaimCommit {
  return { key: decisionKey(n), row: 0, expected: 0, generation: 0, state: new Uint8Array(), increments, ...more };
}

/** A kind of store: each call of what `place` gives is another broker's end of the same content, or the next life of it where it is one broker's. */
export interface StoreKind {
  readonly name: string;
  readonly skip: string | false;
  readonly shared: boolean;
  place(context: TestContext): Promise<() => Promise<FeedbackStore>>;
}

export const STORE_KINDS: readonly StoreKind[] = [
  {
    name: 'sqlite', skip: false, shared: false,
    place: async (context) => {
      const folder = folderWith(context);
      return () => closedAfter(context, openSqliteFeedback(folder));
    },
  },
  {
    name: 'redis', skip: requirePart('redis-server'), shared: true,
    place: async (context) => {
      const server = await RedisServer.start({ after: (run) => context.after(run) });
      return () => closedAfter(context, openRedis(server.url, context));
    },
  },
];

const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

/** A broker's end of a Redis. */
export async function openRedis(url: string, context: TestContext, keys = KEYS): Promise<FeedbackStore> {
  const clock = new RealClock();
  context.after(() => clock.close());
  return openRedisFeedback({ url, keys, clock, epochOffsetMicros: Date.now() * 1000 - clock.now(), log: silent });
}

async function closedAfter(context: TestContext, opening: Promise<FeedbackStore>): Promise<FeedbackStore> {
  const store = await opening;
  context.after(() => store.close());
  return store;
}
