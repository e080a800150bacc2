import type { RowHash } from '../../../frontend/batching/failures.ts';
import type { Micros } from '../../../frontend/domain/clock.ts';
import type { Random } from '../../load/random.ts';

/** What a rule may be told before it is played. Ours look at the bounds only and learn the rest. */
export interface RuleSetup {
  /** The exact mean law of a replica, for rules that are given it. */
  readonly exactMicros: (rows: number, replica: string) => Micros;
  readonly replicas: readonly string[];
  /** The SLO that whoever tunes a rule by hand would tune it for: the only one, or that which capacity is reckoned by. */
  readonly sloMicros: Micros;
  /** The largest size with 2·lat(b) ≤ that SLO. */
  readonly steadyRows: number;
  readonly maxRows: number;
  readonly maxQueueRows: number;
  readonly draw: Random;
  /** Of what a row holds, for ours; absent where no replica ever fails. */
  readonly hash?: RowHash;
}
