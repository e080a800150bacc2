import { draw } from '../../../selection-policies/rng.ts';
import { shareAt } from '../../control/split-shares.ts';
import type { ModelQueue } from '../../dispatch/model-queue.ts';
import type { ResolvedArm } from './app.ts';

/** What a query's luck is made of: keyed hashes, so that no caller can choose it. */
export interface Luck {
  readonly key: Uint32Array;
  /** Of the decision. */
  readonly id: Uint8Array;
  /** Hash of the query's context key, where it has one: the same user has the same luck. */
  readonly context?: Uint8Array | undefined;
}

/** The version that a query asks, where the traffic of an arm's model is split. */
export interface Drawn {
  readonly target: ModelQueue;
  readonly luck: number;
  readonly share: number;
}

const LONGEST = 32;
/** No id and no hash of a context begins with it alone: the draw among arms is another one. */
const SALT = 0x73;
const salted = new Uint8Array(LONGEST);

/** Uniform in [0, 1): by the context key where there is one, so that a user stays where he is; the same for every model. */
export function splitLuck({ key, id, context }: Luck): number {
  const of = context ?? id;
  salted[0] = SALT;
  salted.set(of, 1);
  return draw(key, salted.subarray(0, of.length + 1));
}

/** Only the luck where the arm is not split. */
export function drawVersion({ split }: Pick<ResolvedArm, 'split'>, luck: number): Partial<Drawn> {
  const drawn = split === undefined ? undefined : shareAt(split, luck);
  return drawn === undefined ? { luck } : { target: drawn.queue, luck, share: drawn.share };
}
