import { percent } from './format.ts';
import type { AppFigures } from './snapshot.ts';

const MOST_TOLD = 2;

/** Why answers of an app are not a model's on time, in one line: `8.1 % infeasible, 0.4 % slo unreachable`; empty where all are. */
export function missLine({ misses, answersPerSecond }: AppFigures): string {
  if (answersPerSecond === 0) return '';
  const told = misses.toSorted((a, b) => b.perSecond - a.perSecond).slice(0, MOST_TOLD).map(({ reason, perSecond }) => `${percent(Math.min(1, perSecond / answersPerSecond))} ${reason.replaceAll('_', ' ')}`);
  return misses.length > MOST_TOLD ? `${told.join(', ')} …` : told.join(', ');
}

/** The part of the answers that were a model's, on time; null where there was none. */
export function attained({ answers, good }: AppFigures['hour']): number | null {
  return answers === 0 ? null : Math.min(1, good / answers);
}
