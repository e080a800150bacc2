import type { AppFigures, Attainment, ModelFigures, Rate } from '../../dashboard/snapshot.ts';
import type { Reading } from '../../metrics/history/reading.ts';
import type { Track } from '../../metrics/history/track.ts';

/** An app as it is wanted. */
export type AppFacts = Pick<AppFigures, 'name' | 'sloMs' | 'policy' | 'arms' | 'steered'>;
/** A model version as it is wanted, and what is said of replicas that are not ready, or not started. */
export type ModelFacts = Pick<ModelFigures, 'key' | 'model' | 'version' | 'labels' | 'sloMs' | 'desired' | 'trouble' | 'waiting'>;

const NO_RATES: ReadonlyMap<string, number> = new Map();

/** What an app did in the last ten seconds and longer; an app that was never asked has no track. */
export function appFigures(facts: AppFacts, track: Track | undefined): AppFigures {
  const { rates, quantiles } = track?.now() ?? { rates: NO_RATES, quantiles: NO_RATES };
  return {
    ...facts,
    answersPerSecond: round(rates.get('answers')), goodPerSecond: round(rates.get('good')),
    p50Ms: measured(quantiles.get('answer.p50')), p99Ms: measured(quantiles.get('answer.p99')),
    misses: missesOf(rates),
    chosen: named(rates, 'arm').map(({ name, perSecond }) => ({ arm: name, perSecond })),
    fiveMinutes: attainment(track, '5m'), hour: attainment(track, '1h'),
  };
}

export function modelFigures(facts: ModelFacts, track: Track | undefined, reading: Reading | undefined): ModelFigures {
  const { rates, quantiles } = track?.now() ?? { rates: NO_RATES, quantiles: NO_RATES };
  const gauges = reading?.gauges ?? NO_RATES;
  return {
    ...facts,
    replicas: Object.fromEntries(named(gauges, 'replicas').map(({ name, perSecond }) => [name, perSecond])),
    queueRows: gauges.get('queue') ?? 0, plannedRows: gauges.get('planned') ?? 0,
    rowsPerSecond: round(rates.get('rows')), batchesPerSecond: round(rates.get('batches')),
    serviceP50Ms: measured(quantiles.get('service.p50')), serviceP99Ms: measured(quantiles.get('service.p99')), waitP99Ms: measured(quantiles.get('wait.p99')),
    shed: named(rates, 'shed').map(({ name, perSecond }) => ({ reason: name, perSecond })),
    deaths: reading?.counters.get('deaths') ?? 0,
  };
}

function missesOf(rates: ReadonlyMap<string, number>): Rate[] {
  const misses: Rate[] = ['default', 'error'].flatMap((source) => named(rates, source).map(({ name, perSecond }) => ({ source, reason: name, perSecond })));
  const late = round(rates.get('late'));
  return late > 0 ? [...misses, { reason: 'late', perSecond: late }] : misses;
}

/** The entries `KIND:NAME` that are above 0, the most first. */
function named(values: ReadonlyMap<string, number>, kind: string): { name: string; perSecond: number }[] {
  const found: { name: string; perSecond: number }[] = [];
  for (const [key, value] of values) if (value > 0 && key.startsWith(`${kind}:`)) found.push({ name: key.slice(kind.length + 1), perSecond: round(value) });
  return found.sort((a, b) => b.perSecond - a.perSecond);
}

function attainment(track: Track | undefined, span: '5m' | '1h'): Attainment {
  if (track === undefined) return { answers: 0, good: 0 };
  const ring = track.ring(span);
  const count = (name: string): number => Math.round((ring.sum(name) * ring.stepMs) / 1000);
  return { answers: count('answers'), good: count('good') };
}

/** Four figures are enough for people, and make short streams. */
function round(value = 0): number {
  return Number(value.toPrecision(4));
}

function measured(value: number | undefined): number | null {
  return value === undefined ? null : round(value);
}
