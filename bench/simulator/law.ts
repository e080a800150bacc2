import type { Micros } from '../../frontend/domain/clock.ts';
import type { Random } from '../load/random.ts';
import { recordedMicros, type RecordedBatch } from './recorded-law.ts';

/** How long a simulated container takes: α milliseconds a row and β a batch, and what may disturb that. */
export interface Law {
  readonly alphaMs: number;
  readonly betaMs: number;
  /** Each batch takes up to this share more or less, uniformly. */
  readonly noise?: number;
  /** Rows are padded to 1, 2, 4, 8 …, as a compiled model would. */
  readonly steps?: boolean;
  /** From this time of the counted part on, everything takes `factor` times as long. */
  readonly slowDown?: { readonly atMs: number; readonly factor: number };
  /** Instead of all that: batches seen at a real container, drawn again. */
  readonly recorded?: readonly RecordedBatch[];
}

/** `0.1·b + 2`, with what disturbs it. */
export function lawName({ alphaMs, betaMs, noise, steps, slowDown, recorded }: Law): string {
  if (recorded !== undefined) return 'recorded';
  const extra = [noise === undefined ? '' : ` ± ${noise * 100} %`, steps === true ? ' in steps' : '', slowDown === undefined ? '' : `, × ${slowDown.factor} at ${slowDown.atMs / 1000} s`];
  return `${alphaMs}·b + ${betaMs}${extra.join('')}`;
}

/** The mean time of a batch, whole microseconds, before any slow-down: what a rule is told that is "given the exact law". */
export function meanMicros(law: Law, rows: number): Micros {
  if (law.recorded !== undefined) return Math.max(1, Math.round(recordedMicros(law.recorded, rows)));
  const padded = law.steps === true ? 2 ** Math.ceil(Math.log2(rows)) : rows;
  return Math.max(1, Math.round(1000 * (law.alphaMs * padded + law.betaMs)));
}

/** What a batch takes now; `sinceMicros` is the time since counting began, negative before. */
export function drawMicros(law: Law, rows: number, how: { draw: Random; sinceMicros: Micros; speed: number }): Micros {
  const { draw, sinceMicros, speed } = how;
  const slow = law.slowDown !== undefined && sinceMicros >= law.slowDown.atMs * 1000 ? law.slowDown.factor : 1;
  if (law.recorded !== undefined) return Math.max(1, Math.round((recordedMicros(law.recorded, rows, draw()) * slow) / speed));
  const noisy = law.noise === undefined ? 1 : 1 + law.noise * (2 * draw() - 1);
  return Math.max(1, Math.round((meanMicros(law, rows) * noisy * slow) / speed));
}

/** The largest size with 2·lat(b) ≤ SLO; 1 if there is none. A batch that waits for another of its size is then on time. */
export function steadyRows(latency: (rows: number) => Micros, sloMicros: Micros, maxRows: number): number {
  let best = 1;
  for (let rows = 1; rows <= maxRows && 2 * latency(rows) <= sloMicros; rows++) best = rows;
  return best;
}

/** Rows a second at that size: what loads are multiples of. */
export function capacityPerSecond(latency: (rows: number) => Micros, sloMicros: Micros, maxRows: number): number {
  const rows = steadyRows(latency, sloMicros, maxRows);
  return (rows / latency(rows)) * 1e6;
}
