import type { Arrivals } from './arrivals.ts';
import { capacityPerSecond, lawName, meanMicros, steadyRows, type Law } from './law.ts';

/** Most rows of a batch in every scenario. */
export const MAX_ROWS = 1024;

/** Queries of one app: `share` of all arrivals; their SLOs in equal parts. */
export interface Stream {
  readonly app: string;
  readonly share: number;
  readonly sloMs: readonly number[];
}

/** What is played: containers of one law, each `speed` times as fast; queries of these streams; and when they come. */
export interface Scenario {
  readonly law: Law;
  readonly speeds: readonly number[];
  readonly streams: readonly Stream[];
  readonly arrivals: Arrivals;
  /** The SLO that capacity is reckoned by. */
  readonly sloMs: number;
}

/** One law, one replica, one SLO, Poisson: what most of the report plays. */
export function plainScenario(law: Law, sloMs: number): Scenario {
  return { law, speeds: [1], streams: [{ app: 'a', share: 1, sloMs: [sloMs] }], arrivals: { kind: 'poisson' }, sloMs };
}

export function scenarioName({ law, speeds, streams, arrivals }: Scenario): string {
  const slos = [...new Set(streams.flatMap(({ sloMs }) => sloMs))].join('·');
  const parts = [`${lawName(law)} / ${slos}`];
  if (speeds.length > 1) parts.push(`${speeds.length} replicas`);
  if (speeds.some((speed) => speed !== speeds[0])) parts.push(`speeds ${speeds.map((speed) => Number(speed.toFixed(2))).join('·')}`);
  if (streams.length > 1) parts.push(streams.map(({ app, share }) => `${app} ${Number((share * 100).toFixed(1))} %`).join(', '));
  if (arrivals.kind !== 'poisson') parts.push(arrivals.kind);
  return parts.join(', ');
}

/** Queries a second that all replicas together can answer: load 1. */
export function capacityOf({ law, speeds, sloMs }: Scenario): number {
  return speeds.reduce((sum, speed) => sum + capacityPerSecond((rows) => Math.round(meanMicros(law, rows) / speed), sloMs * 1000, MAX_ROWS), 0);
}

/** The size that a replica of speed 1 has at capacity. */
export function steadyRowsOf({ law, sloMs }: Scenario): number {
  return steadyRows((rows) => meanMicros(law, rows), sloMs * 1000, MAX_ROWS);
}
