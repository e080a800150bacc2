import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { CONTENDERS, meets } from './regret/contender.ts';
import { page } from './regret/plot.ts';
import { playAll } from './regret/pool.ts';
import { PROBLEMS } from './regret/problems.ts';
import { Progress } from './regret/progress.ts';
import { barsOf, barsTable, regretTable, scoresOf } from './regret/result.ts';
import type { Done, Job } from './regret/worker.ts';
import { codeHash, Ledger } from './report/ledger.ts';
import { textTable } from './report/table.ts';
import { say, writeResult } from './report/write.ts';

const HELP = `The policies on published bandit problems, as the broker runs them: cells, views, plans, draws.

  node bench/regret.ts [flags]

  --problems R   regular expression of the problems' names; all unless given
  --policies R   the same of the policies
  --seeds N      runs of each at most; 200, and 4 to 20 of those of a million steps, unless given
  --threads N    as many as there are cores unless given
  --small        two runs of 500 steps each, and no bar is held
  --keep FILE    keeps each run there as it ends; the next call with it goes on where this one was stopped
  --kept         plays nothing: tells what is in the file, be it whole or not
  --json FILE    writes the result there; - is standard output
  --html FILE    writes plots of regret over time there

Exit code 1 where a bar is missed, 2 where nothing could be measured.
`;
const SMALL_STEPS = 500;
/** What a run is made by: kept ones are of no use once any of it has changed. */
const MADE_BY = ['selection-policies', 'bench/regret/play.ts', 'bench/regret/problem.ts', 'bench/regret/problems.ts', 'bench/regret/contender.ts', 'bench/load/random.ts'];

const { values } = parseArgs({
  options: {
    problems: { type: 'string', default: '' }, policies: { type: 'string', default: '' }, seeds: { type: 'string' }, threads: { type: 'string' },
    small: { type: 'boolean', default: false }, keep: { type: 'string' }, kept: { type: 'boolean', default: false },
    json: { type: 'string' }, html: { type: 'string' }, help: { type: 'boolean', default: false },
  },
});

/** Every run that is wanted: what takes longest last, and the policies of a problem by turns, so that what is kept can be compared at any time. */
function wanted(): readonly Job[] {
  const most = values.small ? 2 : Number(values.seeds ?? Infinity);
  const [problems, policies] = [new RegExp(values.problems), new RegExp(values.policies)];
  const tasks = PROBLEMS.filter(({ name }) => problems.test(name)).map((problem) => {
    const met = CONTENDERS.filter((contender) => policies.test(contender.name) && meets(contender, problem));
    const seeds = Math.min(problem.seeds, most);
    return { problem, met, seeds, cost: (met.length * seeds * problem.arms * problem.horizon) / problem.every };
  });
  return tasks.toSorted((a, b) => a.cost - b.cost).flatMap(({ problem, met, seeds }) => {
    const horizon = values.small ? Math.min(SMALL_STEPS, problem.horizon) : problem.horizon;
    return Array.from({ length: seeds }, (_, i) => met.map(({ name }): Job => ({ problem: problem.name, policy: name, seed: i + 1, horizon }))).flat();
  });
}

async function measure(): Promise<boolean> {
  const jobs = wanted();
  if (jobs.length === 0) throw new RangeError('no such problem, or no such policy on it');
  const ledger = new Ledger<Done>(values.keep, `regret ${codeHash(MADE_BY)}${values.small ? ' small' : ''}`);
  const known = new Map(ledger.parts.map((done) => [nameOf(done), done]));
  const left = jobs.filter((job) => !known.has(nameOf(job)));
  const progress = new Progress({ total: jobs.length, left: left.length, say });
  await playAll(values.kept ? [] : left, Number(values.threads ?? availableParallelism()), (done) => {
    known.set(nameOf(done), done);
    ledger.add(done);
    progress.ended(nameOf(done));
  });
  const runs = jobs.flatMap((job) => known.get(nameOf(job)) ?? []);
  if (runs.length === 0) throw new RangeError('there is no run to tell of');
  const scores = scoresOf(PROBLEMS, runs);
  const bars = barsOf(scores);
  say(textTable(regretTable(scores)));
  if (!values.small) say(textTable(barsTable(bars)));
  if (runs.length < jobs.length) say(`not whole: ${runs.length} of ${jobs.length} runs`);
  if (values.html !== undefined) writeFileSync(values.html, page(scores));
  const parameters = { seeds: values.seeds ?? 'as published', small: values.small, runs: runs.length, wanted: jobs.length };
  writeResult(values.json, { bench: 'regret', seed: 1, parameters, result: { scores, bars } });
  return values.small || bars.every(({ pass }) => pass);
}

/** What tells one run from all others that were made by the same code. */
function nameOf({ problem, policy, seed }: Job): string {
  return `${problem}, ${policy}, seed ${seed}`;
}

if (values.help) {
  process.stdout.write(HELP);
} else {
  try {
    process.exitCode = await measure() ? 0 : 1;
  } catch (error) {
    say(error instanceof Error ? error.message : String(error));
    process.exitCode = 2;
  }
}
