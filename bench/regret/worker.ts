import { parentPort } from 'node:worker_threads';
import { CONTENDERS } from './contender.ts';
import { play } from './play.ts';
import { PROBLEMS } from './problems.ts';

/** One run of a policy on a problem. */
export interface Job {
  readonly problem: string;
  readonly policy: string;
  readonly seed: number;
  /** At most so many steps. */
  readonly horizon: number;
}

export interface Done extends Job {
  readonly regret: Float64Array;
  readonly firstShare: Float64Array;
}

/** Plays what it is sent, one job a message. */
parentPort?.on('message', (job: Job) => {
  const problem = PROBLEMS.find(({ name }) => name === job.problem);
  const contender = CONTENDERS.find(({ name }) => name === job.policy);
  if (problem === undefined || contender === undefined) throw new RangeError(`no ${job.policy} on ${job.problem}`);
  const cut = { ...problem, horizon: Math.min(problem.horizon, job.horizon) };
  const done: Done = { ...job, ...play(cut, contender.make(cut), job.seed) };
  parentPort?.postMessage(done);
});
