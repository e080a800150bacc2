import type { ModelSpec } from '../../frontend/domain/model.ts';
import { random, type Random } from '../load/random.ts';
import { planOperator, type OperatorPlan } from './operator.ts';

/** What may go wrong in a world, each with the probability of it where it can. */
export interface Faults {
  /** A batch kills its replica, hangs it, takes ten times as long; a replica does all of them ten times as slowly from some time on. */
  readonly dies: number;
  readonly hangs: number;
  readonly slow: number;
  readonly ails: number;
  /** A batch is refused as a whole; a row of it fails; rows of it are left out; rows are answered that it does not have, or once more. */
  readonly errs: number;
  readonly rowErrs: number;
  readonly leavesOut: number;
  readonly adds: number;
  /** A replica grants credits that it should not have. */
  readonly grants: number;
  /** A start ends before its hello. */
  readonly stillborn: number;
  /** A replica that does nothing dies. */
  readonly idleDies: number;
  /** A caller leaves before the answer. */
  readonly leaves: number;
  /** Between two arrivals the machine sleeps. */
  readonly jumps: number;
  /** A row kills every replica that computes it; a row makes every batch err that it is in. */
  readonly poison: number;
  readonly bad: number;
}

/** One small world: everything that the seed decides, before anything happens. */
export interface WorldPlan {
  readonly seed: number;
  readonly rule: string;
  readonly replicas: number;
  readonly maxBatch: number;
  /** Of the containers: Infinity, or less than `maxBatch`. */
  readonly containerMaxBatch: number;
  readonly maxQueueRows: number;
  readonly cache: boolean;
  readonly alphaMs: number;
  readonly betaMs: number;
  readonly noise: number;
  readonly sloMs: number;
  readonly queries: number;
  /** Callers who ask again when they have their answer; 0: whoever asks does not wait for others. */
  readonly clients: number;
  /** Between two arrivals, or between an answer and the next question of who got it. */
  readonly gapMs: number;
  readonly maxRows: number;
  readonly keys: number;
  /** Different inputs: the fewer, the more twins. */
  readonly values: number;
  readonly onMiss: 'default' | 'error' | 'wait';
  readonly faults: Faults;
  readonly operator: OperatorPlan;
}

/** Most worlds know a few faults only, so that each is seen alone too. */
export function planWorld(seed: number, rules: readonly string[]): WorldPlan {
  const draw = random(seed);
  const among = <T>(...choices: readonly T[]): T => choices[Math.floor(draw() * choices.length)] as T;
  const sometimes = (share: number, ...odds: readonly number[]): number => (draw() < share ? among(...odds) : 0);
  const alphaMs = among(0.05, 0.2, 1, 3), betaMs = among(0.5, 2, 10);
  const maxBatch = among(1, 4, 16, 64);
  const sloMs = Math.ceil((alphaMs + betaMs) * among(1.1, 2, 4, 12) + 3);
  const faults: Faults = {
    dies: sometimes(0.3, 0.01, 0.1, 0.5), hangs: sometimes(0.2, 0.01, 0.1), slow: sometimes(0.3, 0.02, 0.2), errs: sometimes(0.3, 0.02, 0.2, 0.6),
    rowErrs: sometimes(0.2, 0.05, 0.3), leavesOut: sometimes(0.2, 0.05, 0.3), grants: sometimes(0.2, 0.1, 0.5), stillborn: sometimes(0.2, 0.1, 0.5),
    idleDies: sometimes(0.2, 0.02), leaves: sometimes(0.3, 0.05, 0.4), jumps: sometimes(0.15, 0.02, 0.1), poison: sometimes(0.2, 0.01, 0.1), bad: sometimes(0.2, 0.01, 0.1),
    ails: sometimes(0.15, 0.1, 0.5), adds: sometimes(0.2, 0.05, 0.3),
  };
  const rowsPerMs = maxBatch / (alphaMs * maxBatch + betaMs);
  const maxRows = among(1, 1, 3, 20);
  const drawn: Drawn = {
    seed, rule: among(...rules), replicas: among(1, 1, 2, 3), maxBatch, containerMaxBatch: among(Infinity, Infinity, Infinity, Math.max(1, maxBatch >> 2)),
    maxQueueRows: among(8, 64, 1000), cache: draw() < 0.3, alphaMs, betaMs, noise: among(0, 0.1, 0.5), sloMs,
    queries: Math.floor(20 + 120 * draw()), gapMs: (maxRows / 2 / rowsPerMs) * among(0.25, 0.8, 1.5, 4), maxRows, keys: among(1, 1, 3), values: among(5, 1000),
    onMiss: among('default', 'default', 'error', 'wait'), clients: 0, faults,
  };
  if (draw() < 0.75) return withOperator(drawn);
  return withOperator({ ...drawn, clients: among(1, 1, 4, 16), gapMs: among(0, 0, drawn.gapMs), faults: draw() < 0.5 ? NO_FAULTS : faults });
}

type Drawn = Omit<WorldPlan, 'operator'>;

function withOperator(drawn: Drawn): WorldPlan {
  const { seed, replicas, maxBatch, maxQueueRows, sloMs, cache, onMiss } = drawn;
  const model: ModelSpec = {
    name: 'm', version: 1, container: { kind: 'builtin', name: 'synthetic' }, options: {}, replicas, output: { kind: 'value' },
    batching: { controller: 'aimd', maxBatch, maxQueueRows }, sloMs, ...(cache ? { cache: { ttlMs: 50 } } : {}),
  };
  return { ...drawn, operator: planOperator(seed, { model, onMiss }) };
}

const NO_FAULTS: Faults = Object.freeze({
  dies: 0, hangs: 0, slow: 0, ails: 0, errs: 0, rowErrs: 0, leavesOut: 0, adds: 0, grants: 0, stillborn: 0, idleDies: 0, leaves: 0, jumps: 0, poison: 0, bad: 0,
});

/** The draws of what happens, apart from those of the plan. */
export function eventsOf(plan: WorldPlan): Random {
  return random(plan.seed + 2 ** 40);
}
