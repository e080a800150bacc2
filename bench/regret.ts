import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { CONTENDERS, meets } from './regret/contender.ts';
import { page } from './regret/plot.ts';
import { playAll } from './regret/pool.ts';
import { PROBLEMS } from './regret/problems.ts';
import { bars, regretTable, score } from './regret/result.ts';
import type { Done, Job } from './regret/worker.ts';
import { textTable } from './report/table.ts';
import { say, writeResult } from './report/write.ts';

const HELP = `The policies on published bandit problems, as the broker runs them: cells, views, plans, draws.

  node bench/regret.ts [flags]

  --problems R   regular expression of the problems' names; all unless given
  --policies R   the same of the policies
  --seeds N      runs of each at most; 200, and fewer of the long problems, unless given
  --threads N    as many as there are cores unless given
  --small        two runs of 500 steps each, and no bar is held
  --json FILE    writes the result there; - is standard output
  --html FILE    writes plots of regret over time there

Exit code 1 where a bar is missed, 2 where nothing could be measured.
`;
const SMALL_STEPS = 500;

const { values } = parseArgs({
  options: {
    problems: { type: 'string', default: '' }, policies: { type: 'string', default: '' }, seeds: { type: 'string' }, threads: { type: 'string' },
    small: { type: 'boolean', default: false }, json: { type: 'string' }, html: { type: 'string' }, help: { type: 'boolean', default: false },
  },
});

if (values.help) {
  process.stdout.write(HELP);
} else {
  try {
    const threads = Number(values.threads ?? availableParallelism());
    const most = values.small ? 2 : Number(values.seeds ?? Infinity);
    const matches = PROBLEMS.filter(({ name }) => new RegExp(values.problems).test(name)).flatMap((problem) => CONTENDERS
      .filter((contender) => new RegExp(values.policies).test(contender.name) && meets(contender, problem))
      .map((contender) => ({ problem, contender })));
    if (matches.length === 0) throw new RangeError('no such problem, or no such policy on it');
    const jobs: Job[] = matches.flatMap(({ problem, contender }) => Array.from({ length: Math.min(problem.seeds, most) }, (_, i) => ({
      problem: problem.name, policy: contender.name, seed: i + 1, horizon: values.small ? SMALL_STEPS : Infinity,
    })));
    const done: Done[] = [];
    await playAll(jobs, threads, (result) => {
      done.push(result);
      if (done.length % Math.ceil(jobs.length / 20) === 0) say(`${done.length} of ${jobs.length} runs`);
    });
    // In the order of the seeds, so that sums round alike whichever thread was first.
    done.sort((a, b) => a.seed - b.seed);
    const scores = matches.map(({ problem, contender }) => score(problem, done.filter((run) => run.problem === problem.name && run.policy === contender.name)));
    const held = bars(scores);
    say(textTable(regretTable(scores)));
    for (const { what, ratio, most, pass } of values.small ? [] : held) say(`${what}: ${ratio.toFixed(3)}, at most ${most}: ${pass ? 'pass' : 'MISSED'}`);
    if (values.html !== undefined) writeFileSync(values.html, page(scores));
    writeResult(values.json, { bench: 'regret', seed: 1, parameters: { seeds: values.seeds ?? 'as published', small: values.small }, result: { scores, bars: held } });
    process.exitCode = values.small || held.every(({ pass }) => pass) ? 0 : 1;
  } catch (error) {
    say(error instanceof Error ? error.message : String(error));
    process.exitCode = 2;
  }
}
