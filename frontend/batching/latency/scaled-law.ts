import type { LatencyLaw } from '../latency-law.ts';
import type { LatencyCurve } from './latency-curve.ts';
import type { TailRatio } from './tail-ratio.ts';

/** A curve at the pace of one replica, with its tail. The one who learns changes it; it is never another object. */
export class ScaledLaw implements LatencyLaw {
  curve: LatencyCurve;
  tail: TailRatio;
  factor = 1;

  constructor(curve: LatencyCurve, tail: TailRatio) {
    this.curve = curve;
    this.tail = tail;
  }

  get reachRows(): number {
    return this.curve.reachRows;
  }

  meanMicros(rows: number): number {
    return this.curve.meanMicros(rows) * this.factor;
  }

  tailMicros(rows: number): number {
    return this.curve.carefulMicros(rows) * this.factor * this.tail.ratio;
  }

  isExploring(rows: number): boolean {
    return rows > this.curve.seenRows;
  }
}
