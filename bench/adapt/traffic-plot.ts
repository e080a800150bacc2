import { linePlot } from '../report/line-plot.ts';
import type { Hue } from '../report/svg.ts';
import type { Course } from './breakdown.ts';
import type { Taught } from './teach.ts';

const HUES: readonly Hue[] = ['accent', 'green', 'orange', 'violet', 'rose', 'gold'];
/** Points along the plot. */
const POINTS = 60;

/** Of each stretch of the course, how much of the traffic each arm had, and the share of answers that were right. */
export interface Stretch {
  readonly until: number;
  readonly shares: ReadonlyMap<string, number>;
  readonly right: number;
}

export function stretches(taught: readonly Taught[], count: number): readonly Stretch[] {
  const length = Math.max(1, Math.ceil(taught.length / count));
  return Array.from({ length: Math.ceil(taught.length / length) }, (_, i) => {
    const some = taught.slice(i * length, (i + 1) * length);
    const shares = new Map<string, number>();
    for (const { by } of some) shares.set(by, (shares.get(by) ?? 0) + 1 / some.length);
    return { until: i * length + some.length, shares, right: some.filter(({ right }) => right).length / some.length };
  });
}

/** Who got the traffic, and what it earned, as a picture (SVG). */
export function trafficPlot(taught: readonly Taught[], { sound, broken }: Course): string {
  const parts = stretches(taught, POINTS);
  const arms = [...new Set(taught.map(({ by }) => by))].sort();
  const quarters = [0, 0.25, 0.5, 0.75, 1];
  return linePlot({
    title: 'Who got the traffic',
    subtitle: `digits-mlp breaks after ${sound} labels and is mended after ${sound + broken}`,
    x: { label: 'labels', from: 0, to: taught.length, ticks: [0, sound, sound + broken, taught.length] },
    y: { label: 'share', from: 0, to: 1, ticks: quarters, format: (share) => `${share * 100} %` },
    series: [
      ...arms.map((arm, i) => ({ name: arm, points: parts.map(({ until, shares }) => [until, shares.get(arm) ?? 0] as const), hue: HUES[i % HUES.length] ?? 'grey', style: arm === 'digits-mlp' ? 'strong' as const : 'plain' as const })),
      { name: 'answers right', points: parts.map(({ until, right }) => [until, right] as const), hue: 'grey' as const, style: 'dashed' as const },
    ],
    width: 720,
    gutter: 150,
  });
}
