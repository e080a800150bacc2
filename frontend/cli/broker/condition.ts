import { findings, type Finding } from '../../dashboard/findings.ts';
import { begin } from '../../dashboard/live-state.ts';
import type { Snapshot, Trouble } from '../../dashboard/snapshot.ts';
import { harmless } from '../terminal/screen.ts';
import { refusal, type BrokerCalls } from './call.ts';

/** How a broker is, judged as its dashboard judges it. */
export interface Condition {
  /** What is wrong now, the worst first. */
  readonly found: readonly Finding[];
  /** What it warned of not long ago, the newest first. */
  readonly troubles: readonly (Trouble & { readonly agoMs: number })[];
}

const RECENT_MS = 15 * 60_000;
const MOST_TROUBLES = 5;

export async function conditionOf(calls: Pick<BrokerCalls, 'send'>): Promise<Condition> {
  const reply = await calls.send('GET', '/admin/watch/now');
  // A broker of an older version, during an upgrade.
  if (reply.status === 404) return { found: [], troubles: [] };
  if (reply.status !== 200) throw refusal(reply);
  const now = reply.body as Snapshot;
  const troubles = now.troubles.map((trouble) => ({ ...trouble, agoMs: now.at - trouble.at })).filter(({ agoMs }) => agoMs < RECENT_MS);
  return { found: findings(begin(now)), troubles: troubles.slice(0, MOST_TROUBLES) };
}

/** `92 % of answers are defaults. No replica is ready; m@1 has none: 1 in a crash loop.` */
export function findingText({ text, why }: Pick<Finding, 'text' | 'why'>): string {
  return harmless(`${text}. ${why}`.trim());
}
