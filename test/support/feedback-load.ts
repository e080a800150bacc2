import assert from 'node:assert/strict';
import { random } from '../../bench/load/random.ts';
import type { BrokerProcess } from './broker-process.ts';

export interface Rewarded {
  readonly decisionId: string;
  readonly reward: number;
}

/** Asks the app so often; each answer that an arm gave gets a reward by its number. */
export async function decide(broker: BrokerProcess, app: string, count: number): Promise<Rewarded[]> {
  const made: Rewarded[] = [];
  const ask = async (): Promise<void> => {
    while (made.length < count) {
      const { json } = await broker.predict(app, { input: [1, 2] });
      if (json.source !== 'model' || json.decision_id === undefined) throw new Error(`no answer of a model: ${JSON.stringify(json)}`);
      if (made.length < count) made.push({ decisionId: json.decision_id, reward: (made.length % 5) / 4 });
    }
  };
  await Promise.all(Array.from({ length: 8 }, ask));
  return made;
}

/** What came of one request: its status, or 0 where the connection broke. */
export async function give(url: string, body: unknown): Promise<{ readonly status: number; readonly text: string }> {
  try {
    const reply = await fetch(`${url}/v1/feedback`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
    return { status: reply.status, text: await reply.text() };
  } catch (thrown) {
    return { status: 0, text: String(thrown) };
  }
}

/**
 * Clients that give feedback, some of it twice, in an order of their own, until all of it was given or the broker is gone.
 * `acknowledged` holds the decisions whose reward was answered 202 or 200.
 */
export class FeedbackLoad {
  readonly acknowledged = new Set<string>();
  /** Every other answer, by status. */
  readonly refused = new Map<number, number>();
  readonly done: Promise<unknown>;
  readonly #url: string;
  readonly #queue: Rewarded[];
  readonly #untilAcknowledged: { readonly count: number; readonly resolve: () => void }[] = [];

  constructor(url: string, rewards: readonly Rewarded[], { connections = 16, seed = 1 }: { connections?: number; seed?: number } = {}) {
    this.#url = url;
    const draw = random(seed);
    this.#queue = [...rewards, ...rewards.filter(() => draw() < 0.3)].map((one) => ({ one, at: draw() })).toSorted((a, b) => a.at - b.at).map(({ one }) => one);
    this.done = Promise.all(Array.from({ length: connections }, () => this.#client()));
  }

  /** Resolves once so many decisions were acknowledged. */
  acknowledges(count: number): Promise<void> {
    return new Promise((resolve) => this.#untilAcknowledged.push({ count, resolve }));
  }

  async #client(): Promise<void> {
    for (let next = this.#queue.pop(); next !== undefined; next = this.#queue.pop()) {
      const { status } = await give(this.#url, { decision_id: next.decisionId, reward: next.reward });
      if (status === 202 || status === 200) this.acknowledged.add(next.decisionId);
      else this.refused.set(status, (this.refused.get(status) ?? 0) + 1);
      for (const { count, resolve } of this.#untilAcknowledged) if (this.acknowledged.size >= count) resolve();
      if (status === 0) return;
    }
  }
}

/** Every reward once more, as clients that heard nothing would: those that were acknowledged must be known. */
export async function repeatAll(url: string, rewards: readonly Rewarded[], acknowledged: ReadonlySet<string>): Promise<void> {
  for (let at = 0; at < rewards.length; at += 100) {
    const some = rewards.slice(at, at + 100);
    const { status, text } = await give(url, some.map(({ decisionId, reward }) => ({ decision_id: decisionId, reward })));
    assert.equal(status, 202, text);
    const { results } = JSON.parse(text) as { results: { verdict: string }[] };
    some.forEach(({ decisionId }, i) => {
      if (acknowledged.has(decisionId)) assert.equal(results[i]?.verdict, 'repeated', `${decisionId} was acknowledged, and is lost`);
    });
  }
}

/** What Thompson's cells must be after exactly these rewards: how many, and their sum in units of 2^-20. */
export function expectedTotals(rewards: readonly Rewarded[]): { n: bigint; s: bigint } {
  return { n: BigInt(rewards.length), s: rewards.reduce((sum, { reward }) => sum + BigInt(Math.round(reward * 2 ** 20)), 0n) };
}

export function totals(cells: ReadonlyMap<string, bigint>): { n: bigint; s: bigint } {
  const sum = (end: string): bigint => [...cells].reduce((total, [cell, value]) => (cell.endsWith(end) ? total + value : total), 0n);
  return { n: sum('/n'), s: sum('/s') };
}
