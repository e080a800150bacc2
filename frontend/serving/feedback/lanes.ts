import type { Context } from '../../../selection-policies/policy.ts';
import type { Clock } from '../../domain/clock.ts';
import type { FeedbackVerdict } from '../../domain/feedback.ts';
import type { TaughtApp } from './credit.ts';
import { commitGroup, type GroupParts, type PendingReward } from './group.ts';

/** Rewards that are committed together at most. */
const MOST_TOGETHER = 4_096;

export interface LanesParts {
  readonly apps: { get(name: string): TaughtApp | undefined };
  readonly clock: Clock;
  readonly group: GroupParts;
  /** What the rewards of a group hear whose commit threw. */
  readonly onFault: (thrown: unknown) => FeedbackVerdict;
}

/** What waits of one app, and whether a group of it is on its way. */
interface Lane {
  readonly waiting: Waiting[];
  running: boolean;
}

/**
 * Rewards on their way to the store, a lane an app: what comes in one turn is committed together, one group at a time;
 * while one is on its way to the disk the next gathers. Each reward's teller hears one verdict.
 */
export class FeedbackLanes {
  readonly #parts: LanesParts;
  readonly #lanes = new Map<string, Lane>();
  #open = 0;
  #idle: (() => void)[] = [];

  constructor(parts: LanesParts) {
    this.#parts = parts;
  }

  /** Rewards that wait for their verdict. */
  get open(): number {
    return this.#open;
  }

  /** Resolves once none waits. */
  settled(): Promise<void> {
    return this.#open === 0 ? Promise.resolve() : new Promise((resolve) => this.#idle.push(resolve));
  }

  put(app: TaughtApp, pending: Omit<PendingReward, 'settle'>, tell: (verdict: FeedbackVerdict) => void): void {
    const { name } = app.spec;
    const lane = this.#lanes.get(name) ?? { waiting: [], running: false };
    this.#open++;
    lane.waiting.push(new Waiting(pending, (verdict) => {
      this.#open--;
      tell(verdict);
      if (this.#open === 0) for (const resolve of this.#idle.splice(0)) resolve();
    }));
    if (lane.running) return;
    lane.running = true;
    this.#lanes.set(name, lane);
    this.#parts.clock.defer(() => void this.#run(name, lane));
  }

  async #run(name: string, lane: Lane): Promise<void> {
    while (lane.waiting.length > 0) {
      const group = lane.waiting.splice(0, MOST_TOGETHER);
      // As it is by now: it may have changed, or gone, while they waited.
      const app = this.#parts.apps.get(name);
      try {
        if (app !== undefined) await commitGroup(app, group, this.#parts.group);
        for (const one of group) one.settle({ kind: 'refused', code: 'unknown_app' });
      } catch (thrown) {
        const verdict = this.#parts.onFault(thrown);
        for (const one of group) one.settle(verdict);
      }
    }
    lane.running = false;
    this.#lanes.delete(name);
  }
}

/** A reward that waits; whoever is told of its verdict is told once. */
class Waiting implements PendingReward {
  readonly key: PendingReward['key'];
  readonly row: number;
  readonly propensity: number;
  readonly reward: PendingReward['reward'];
  readonly context: Uint8Array | undefined;
  readonly said: Context;
  #tell: ((verdict: FeedbackVerdict) => void) | undefined;

  constructor({ key, row, propensity, reward, context, said }: Omit<PendingReward, 'settle'>, tell: (verdict: FeedbackVerdict) => void) {
    this.key = key;
    this.row = row;
    this.propensity = propensity;
    this.context = context;
    this.said = said;
    this.reward = reward;
    this.#tell = tell;
  }

  settle(verdict: FeedbackVerdict): void {
    const tell = this.#tell;
    this.#tell = undefined;
    tell?.(verdict);
  }
}
