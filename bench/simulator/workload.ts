import type { Micros } from '../../frontend/domain/clock.ts';
import { random } from '../load/random.ts';
import { arrivalsOf } from './arrivals.ts';
import { capacityOf, type Scenario } from './scenario.ts';

/** The queries that are counted, in order of arrival; times since counting began. The same for every rule. */
export interface Workload {
  readonly arrivalsMicros: Float64Array;
  readonly sloMicros: Float64Array;
  /** Index into the streams of the scenario. */
  readonly stream: Uint8Array;
}

/** One query: when, and whose. */
export interface NextQuery {
  readonly atMicros: Micros;
  readonly sloMicros: Micros;
  readonly stream: number;
}

/** An endless row of queries at `load` times capacity; the same seed gives the same. */
export function queries(scenario: Scenario, load: number, seed: number): () => NextQuery {
  const draw = random(seed);
  const next = arrivalsOf(scenario.arrivals, load * capacityOf(scenario), draw);
  let at = 0;
  return () => {
    at = next(at);
    const stream = streamAt(scenario, draw());
    const { sloMs } = scenario.streams[stream] ?? { sloMs: [] };
    const slo = sloMs[Math.floor(draw() * sloMs.length)];
    if (slo === undefined) throw new RangeError('a stream needs an SLO');
    return { atMicros: Math.floor(at), sloMicros: Math.round(slo * 1000), stream };
  };
}

export function workloadOf(scenario: Scenario, how: { load: number; seed: number; arrivals: number }): Workload {
  const next = queries(scenario, how.load, how.seed);
  const arrivalsMicros = new Float64Array(how.arrivals);
  const sloMicros = new Float64Array(how.arrivals);
  const stream = new Uint8Array(how.arrivals);
  for (let i = 0; i < how.arrivals; i++) {
    const query = next();
    arrivalsMicros[i] = query.atMicros;
    sloMicros[i] = query.sloMicros;
    stream[i] = query.stream;
  }
  return { arrivalsMicros, sloMicros, stream };
}

function streamAt({ streams }: Scenario, point: number): number {
  let left = point;
  for (let i = 0; i < streams.length - 1; i++) {
    left -= streams[i]?.share ?? 0;
    if (left < 0) return i;
  }
  return streams.length - 1;
}
