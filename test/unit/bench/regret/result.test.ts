import assert from 'node:assert/strict';
import { test } from 'node:test';
import { regretPlot } from '../../../../bench/regret/plot.ts';
import { PROBLEMS } from '../../../../bench/regret/problems.ts';
import { barsOf, barsTable, problemsTable, score, scoresOf, type Score } from '../../../../bench/regret/result.ts';

const problem = PROBLEMS.find(({ name }) => name === 'kaufmann 10 arms');
assert.ok(problem !== undefined);
const run = (policy: string, seed: number, end: number) => ({ problem: 'kaufmann 10 arms', policy, seed, horizon: 20_000, regret: [end / 2, end], firstShare: [0, 1] });

test('a score is mean and standard error over the runs', () => {
  const { regret, standardError, seeds, horizon, curve } = score(problem, [run('thompson', 1, 90), run('thompson', 2, 110)]);
  assert.deepEqual({ regret, standardError, seeds, horizon, curve }, { regret: 100, standardError: 10, seeds: 2, horizon: 20_000, curve: [50, 100] });
});

test('scores stand in the order of the problems, and are of what was played', () => {
  const scores = scoresOf(PROBLEMS, [run('exp3', 1, 5), run('thompson', 1, 90), run('thompson', 2, 110)]);
  assert.deepEqual(scores.map(({ policy, seeds }) => [policy, seeds]), [['exp3', 1], ['thompson', 2]]);
});

test('a problem is a row: what each policy came to, and of how many runs', () => {
  const [, row] = problemsTable(scoresOf(PROBLEMS, [run('adaptive', 1, 5), run('thompson', 1, 90), run('thompson', 2, 110)]));
  assert.deepEqual(row, ['kaufmann 10 arms', '20000', '1–2', '5.0 ± 0.0', '100 ± 10', '', '', '', '']);
  assert.deepEqual(barsTable([{ what: 'w', ratio: 1.2, least: 0.9, most: 1.1, pass: false }])[1], ['w', '1.200', '0.9–1.1', 'MISSED']);
});

test('bars hold the default against Thompson where nothing changes, against Exp3 where models fail, and Thompson against what was printed', () => {
  const scores = [score(problem, [run('thompson', 1, 100)]), score(problem, [run('adaptive', 1, 111)])];
  assert.deepEqual(barsOf(scores).map(({ what, pass }) => [what, pass]), [['adaptive / thompson, kaufmann 10 arms', false]]);
  const of = (policy: string, regret: number, published?: number): Score => ({ ...(scores[0] as Score), problem: published === undefined ? 'clipper figure 8' : 'table-1 delay 1', policy, regret, ...(published === undefined ? {} : { published }) });
  assert.deepEqual(barsOf([of('adaptive', 50), of('exp3', 100)]).map(({ pass }) => pass), [true]);
  assert.deepEqual(barsOf([of('thompson', 9900, 9105), of('thompson', 10_100, 9105), of('thompson', 8000, 9105)]).map(({ pass }) => pass), [true, false, false]);
});

test('a plot names each policy and draws one line for each', () => {
  const svg = regretPlot('kaufmann', [score(problem, [run('thompson', 1, 100)]), score(problem, [run('adaptive', 1, 111)])]);
  assert.ok(svg.includes('adaptive') && svg.includes('thompson') && svg.includes('<svg'));
});
