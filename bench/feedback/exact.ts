import { RealClock } from '../../frontend/runtime/real-clock.ts';
import { openRedisFeedback } from '../../frontend/storage/redis/feedback.ts';
import { startBroker, waitUntilReady } from '../demo/broker-process.ts';
import { random } from '../load/random.ts';
import { ARMS, KINDS, type Kind } from './config.ts';
import { sendAll } from './send.ts';
import { SignedDecisions } from './signed.ts';

const BATCH = 100;
const CONNECTIONS = 16;
/** Different rewards of one decision, where it may have several. */
const REWARDS = 4;
const UNITS = 2 ** 20;

export interface ExactRun {
  readonly kind: Kind;
  /** Pieces of feedback sent, duplicates included, over both brokers. */
  readonly sent: number;
  readonly decisions: number;
  readonly perSecond: number;
  /** Cells as they should be, and as they are, cell by cell. */
  readonly expected: Readonly<Record<string, string>>;
  readonly found: Readonly<Record<string, string>>;
  readonly exact: boolean;
}

interface Piece {
  readonly decision_id: string;
  readonly reward: number;
  readonly id: string;
}

/**
 * Two brokers on one Redis are told the same, both of everything, duplicated and in orders of their own; then the cells of
 * each app must be those that its rewards make once, to the last integer.
 */
export async function exactRuns({ config, keyFile, redisUrl, rewards, seed }: { config: string; keyFile: string; redisUrl: string; rewards: number; seed: number }): Promise<ExactRun[]> {
  const env = { TRADEWIND_STORAGE_RECEIPT_KEY_FILE: keyFile, TRADEWIND_STORAGE_FEEDBACK: redisUrl };
  const brokers = [await startBroker(config, { env })];
  try {
    brokers.push(await startBroker(config, { env }));
    for (const { url } of brokers) await waitUntilReady(url);
    const runs: ExactRun[] = [];
    for (const kind of KINDS) runs.push(await exactRun(kind, { urls: brokers.map(({ url }) => url), redisUrl, sent: Math.floor(rewards / KINDS.length), draw: random(seed + runs.length) }));
    return runs;
  } finally {
    for (const broker of brokers) await broker.stop();
  }
}

async function exactRun(kind: Kind, { urls, redisUrl, sent, draw }: { urls: readonly string[]; redisUrl: string; sent: number; draw: () => number }): Promise<ExactRun> {
  const signed = await SignedDecisions.of(urls[0] ?? '', kind, ARMS.length);
  const each = kind === 'first' ? 1 : REWARDS;
  const decisions = Math.floor(sent / 2 / each);
  const expected = new Map<string, bigint>();
  const add = (cell: string, by: number): Map<string, bigint> => expected.set(cell, (expected.get(cell) ?? 0n) + BigInt(by));
  const pieces: Piece[] = [];
  for (let n = 0; n < decisions; n++) {
    const { text, arm } = signed.next();
    const units = Array.from({ length: each }, () => Math.floor(draw() * (UNITS + 1)));
    units.forEach((of, i) => pieces.push({ decision_id: text, reward: of / UNITS, id: `r${i}` }));
    add(`${ARMS[arm] ?? ''}/n`, 1);
    add(`${ARMS[arm] ?? ''}/s`, together(kind, units));
  }
  const from = performance.now();
  const answers = await Promise.all(urls.map((url) => sendAll(url, bodiesOf(shuffled(pieces, draw)), CONNECTIONS)));
  const seconds = (performance.now() - from) / 1000;
  for (const { statuses } of answers) if (Object.keys(statuses).some((status) => status !== '202')) throw new Error(`not all were accepted: ${JSON.stringify(statuses)}`);
  const found = await cellsOf(redisUrl, kind);
  const text = (cells: ReadonlyMap<string, bigint>): Record<string, string> => Object.fromEntries([...cells].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([cell, value]) => [cell, String(value)]));
  return {
    kind, sent: pieces.length * urls.length, decisions, perSecond: (pieces.length * urls.length) / seconds, expected: text(expected), found: text(found),
    exact: JSON.stringify(text(expected)) === JSON.stringify(text(found)),
  };
}

/** What the rewards of one decision come to, by other means than the broker's. */
function together(kind: Kind, units: readonly number[]): number {
  const sum = units.reduce((a, b) => a + b, 0);
  switch (kind) {
    case 'first': return units[0] ?? 0;
    case 'sum': return Math.min(sum, UNITS);
    case 'mean': return Math.round(sum / units.length);
    case 'max': return Math.max(...units);
  }
}

function shuffled(pieces: readonly Piece[], draw: () => number): Piece[] {
  const order = [...pieces];
  for (let i = order.length - 1; i > 0; i--) {
    const j = Math.floor(draw() * (i + 1));
    const [a, b] = [order[i], order[j]];
    if (a !== undefined && b !== undefined) [order[i], order[j]] = [b, a];
  }
  return order;
}

function bodiesOf(pieces: readonly Piece[]): string[] {
  const bodies: string[] = [];
  for (let at = 0; at < pieces.length; at += BATCH) bodies.push(JSON.stringify(pieces.slice(at, at + BATCH)));
  return bodies;
}

async function cellsOf(url: string, app: string): Promise<ReadonlyMap<string, bigint>> {
  const clock = new RealClock();
  const quiet = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
  const store = await openRedisFeedback({ url, keys: [], clock, epochOffsetMicros: Date.now() * 1000 - clock.now(), log: quiet });
  await store.serve([{ name: app, windowMs: 1, maxClaims: 1, maxCells: 1, maxKeys: 1, journalMaxAgeMs: 1, journalMaxBytes: 1 }]);
  const cells = new Map(store.cells.snapshot(app).cells);
  await store.close();
  clock.close();
  return cells;
}
