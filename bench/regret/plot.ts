import { linePlot } from '../report/line-plot.ts';
import type { Hue } from '../report/svg.ts';
import type { Score } from './result.ts';

const HUES: readonly Hue[] = ['green', 'orange', 'violet', 'rose', 'gold', 'kin', 'oracle', 'soft', 'grey'];

/** A page with one plot a problem. */
export function page(scores: readonly Score[]): string {
  const problems = [...new Set(scores.map(({ problem }) => problem))];
  const plots = problems.map((problem) => regretPlot(problem, scores.filter((score) => score.problem === problem)));
  return `<!doctype html>\n<meta charset="utf-8">\n<title>Regret</title>\n${plots.join('\n')}`;
}

/** Mean cumulative regret by step, one line a policy; the default's stands out. */
export function regretPlot(problem: string, scores: readonly Score[]): string {
  const steps = Math.max(1, ...scores.map(({ horizon }) => horizon));
  const most = roundUp(Math.max(1, ...scores.flatMap(({ curve }) => curve)));
  const parts = [0, 0.25, 0.5, 0.75, 1];
  return linePlot({
    title: problem,
    subtitle: `mean of ${Math.max(0, ...scores.map(({ seeds }) => seeds))} runs`,
    x: { label: 'step', from: 0, to: steps, ticks: parts.map((part) => part * steps), format: (step) => step.toLocaleString('en') },
    y: { label: 'cumulative regret', from: 0, to: most, ticks: parts.map((part) => part * most), format: (regret) => regret.toLocaleString('en') },
    series: scores.map(({ policy, curve, horizon }, k) => ({
      name: policy,
      points: [[0, 0] as const, ...curve.map((regret, i) => [((i + 1) * horizon) / curve.length, regret] as const)],
      hue: policy === 'adaptive' ? 'accent' : HUES[k % HUES.length] ?? 'grey',
      style: policy === 'adaptive' ? 'strong' : 'plain',
    })),
    gutter: 160,
  });
}

/** The next of 1, 2, 4, 8 times a power of ten. */
function roundUp(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return ([1, 2, 4, 8].find((digit) => digit * power >= value) ?? 10) * power;
}
