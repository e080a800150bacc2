import { parentPort } from 'node:worker_threads';
import { CONTENDERS } from './contender.ts';
import { play } from './play.ts';
import { PROBLEMS } from './problems.ts';

/** One run of a policy on a problem. */
export interface Job {
  readonly problem: string;
  readonly policy: string;
  readonly seed: number;
  /** Steps, at most those of the problem. */
  readonly horizon: number;
}

export interface Done extends Job {
  /** Cumulative, and the first arm's share, after each hundredth of the run; to six digits. */
  readonly regret: readonly number[];
  readonly firstShare: readonly number[];
}

/** Plays what it is sent, one job a message. */
parentPort?.on('message', (job: Job) => {
  const problem = PROBLEMS.find(({ name }) => name === job.problem);
  const contender = CONTENDERS.find(({ name }) => name === job.policy);
  if (problem === undefined || contender === undefined) throw new RangeError(`no ${job.policy} on ${job.problem}`);
  const cut = { ...problem, horizon: job.horizon };
  const { regret, firstShare } = play(cut, { policy: contender.make(cut), timed: contender.timed === true }, job.seed);
  parentPort?.postMessage({ ...job, regret: Array.from(regret, sixDigits), firstShare: Array.from(firstShare, sixDigits) } satisfies Done);
});

function sixDigits(value: number): number {
  return Number(value.toPrecision(6));
}
