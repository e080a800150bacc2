import { meanOf, standardErrorOf } from '../report/mean.ts';
import type { Cells } from '../report/table.ts';
import type { Problem } from './problem.ts';
import { figure1Bound, TABLE_1 } from './problems.ts';
import type { Done } from './worker.ts';

/** A policy on a problem: means over the seeds. */
export interface Score {
  readonly problem: string;
  readonly policy: string;
  readonly seeds: number;
  readonly horizon: number;
  readonly every: number;
  readonly regret: number;
  /** Of the mean; 0 for one seed. */
  readonly standardError: number;
  /** What was printed of Thompson sampling on this problem. */
  readonly published?: number;
  /** The lower bound of Lai and Robbins at the horizon. */
  readonly bound?: number;
  /** Mean cumulative regret, and the first arm's share, after each hundredth of the run. */
  readonly curve: readonly number[];
  readonly firstShare: readonly number[];
}

export interface Bar {
  readonly what: string;
  readonly ratio: number;
  readonly least: number;
  readonly most: number;
  readonly pass: boolean;
}

/** A score for each policy on each problem, in their order; where there are runs of it. */
export function scoresOf(problems: readonly Problem[], runs: readonly Done[]): Score[] {
  return problems.flatMap((problem) => {
    const ofProblem = runs.filter((run) => run.problem === problem.name);
    const policies = [...new Set(ofProblem.map(({ policy }) => policy))];
    return policies.map((policy) => score(problem, ofProblem.filter((run) => run.policy === policy)));
  });
}

export function score(problem: Problem, runs: readonly Done[]): Score {
  const [first] = runs;
  if (first === undefined) throw new RangeError(`no runs of ${problem.name}`);
  const ends = runs.map(({ regret }) => regret.at(-1) ?? 0);
  const regret = meanOf(ends);
  const { horizon } = first;
  const published = first.policy === 'thompson' && problem.name.startsWith('table-1') ? TABLE_1.get(problem.every) : undefined;
  const bound = figure1Bound(problem.name, horizon);
  return {
    problem: problem.name, policy: first.policy, seeds: runs.length, horizon, every: problem.every, regret,
    standardError: standardErrorOf(ends),
    ...(published === undefined ? {} : { published }),
    ...(bound === undefined ? {} : { bound }),
    curve: Array.from(first.regret, (_, k) => rounded(meanOf(runs.map((run) => run.regret[k] ?? 0)))),
    firstShare: Array.from(first.firstShare, (_, k) => rounded(meanOf(runs.map((run) => run.firstShare[k] ?? 0)))),
  };
}

/** What must hold, of the scores that are there. */
export function barsOf(scores: readonly Score[]): Bar[] {
  const find = (problem: string, policy: string): number | undefined => scores.find((score) => score.problem === problem && score.policy === policy)?.regret;
  const found: Bar[] = [];
  const hold = (what: string, ratio: number, least: number, most: number): void => void found.push({ what, ratio, least, most, pass: ratio >= least && ratio <= most });
  for (const { problem, policy, regret, published } of scores) {
    if (published !== undefined) hold(`thompson / published, ${problem}`, regret / published, 0.9, 1.1);
    if (policy !== 'adaptive') continue;
    const changes = /^clipper|^smpybandits/.test(problem);
    const rival = changes ? 'exp3' : 'thompson';
    const other = find(problem, rival);
    if (other !== undefined && !problem.startsWith('table-1')) hold(`adaptive / ${rival}, ${problem}`, regret / other, 0, changes ? 0.5 : 1.1);
  }
  return found;
}

export function regretTable(scores: readonly Score[]): Cells {
  return [
    ['problem', 'policy', 'runs', 'steps', 'rewards come every', 'regret', '± standard error', 'published', 'lower bound'],
    ...scores.map(({ problem, policy, seeds, horizon, every, regret, standardError, published, bound }) => [
      problem, policy, String(seeds), String(horizon), String(every), regret.toFixed(1), standardError.toFixed(1), published?.toFixed(0) ?? '', bound?.toFixed(0) ?? '',
    ]),
  ];
}

/** A row a problem, for who wants to see which policy is best where; `±` one standard error. */
export function problemsTable(scores: readonly Score[]): Cells {
  const told = ['adaptive', 'thompson', 'kl-ucb', 'exp3'];
  const rows = [...new Set(scores.map(({ problem }) => problem))].map((problem) => {
    const of = scores.filter((score) => score.problem === problem);
    const find = (policy: string): Score | undefined => of.find((score) => score.policy === policy);
    const [first] = of;
    const counts = of.map(({ seeds }) => seeds);
    const runs = Math.min(...counts) === Math.max(...counts) ? `${Math.max(...counts)}` : `${Math.min(...counts)}–${Math.max(...counts)}`;
    return [
      problem, String(first?.horizon ?? 0), runs, ...told.map((policy) => withError(find(policy))),
      of.find(({ published }) => published !== undefined)?.published?.toFixed(0) ?? '', first?.bound?.toFixed(0) ?? '',
    ];
  });
  return [['regret', 'steps', 'runs', ...told, 'published Thompson', 'lower bound'], ...rows];
}

export function barsTable(bars: readonly Bar[]): Cells {
  return [['ratio', 'measured', 'bar', ''], ...bars.map(({ what, ratio, least, most, pass }) => [what, ratio.toFixed(3), least > 0 ? `${least}–${most}` : `<= ${most}`, pass ? 'pass' : 'MISSED'])];
}

function withError(score: Score | undefined): string {
  if (score === undefined) return '';
  const digits = score.standardError >= 10 ? 0 : 1;
  return `${score.regret.toFixed(digits)} ± ${score.standardError.toFixed(digits)}`;
}

function rounded(value: number): number {
  return Number(value.toPrecision(5));
}
