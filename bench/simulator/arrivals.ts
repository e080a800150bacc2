import type { Micros } from '../../frontend/domain/clock.ts';
import { exponential, type Random } from '../load/random.ts';
import { gamma } from '../load/distributions.ts';

/** When queries come. Rates are means over the whole; `perSecond` comes from the load. */
export type Arrivals =
  | { readonly kind: 'poisson' }
  /** Markov-modulated Poisson: two states of exponential length, `factor` times the mean rate for `share` of the time. */
  | { readonly kind: 'mmpp'; readonly factor: number; readonly share: number; readonly meanMs: number }
  /** A sine over `periodMs`, from (1 − swing) to (1 + swing) times the mean rate. */
  | { readonly kind: 'diurnal'; readonly swing: number; readonly periodMs: number }
  /** `factor` times the rate from `fromMs` for `forMs`; outside it the rate is the one given. */
  | { readonly kind: 'flash'; readonly factor: number; readonly fromMs: number; readonly forMs: number }
  /** Renewals with Gamma gaps of this shape: below 1 in clumps, above 1 nearly even. */
  | { readonly kind: 'gamma'; readonly shape: number }
  /** Offsets in microseconds, played again from the start as often as needed; the load is what they have. */
  | { readonly kind: 'trace'; readonly offsetsMicros: readonly number[] };

/** The next arrival after `at` (microseconds since the start, not whole). */
export type NextArrival = (at: Micros) => Micros;

export function arrivalsOf(arrivals: Arrivals, perSecond: number, draw: Random): NextArrival {
  const gapMicros = 1e6 / perSecond;
  switch (arrivals.kind) {
    case 'poisson': return (at) => at + exponential(draw, gapMicros);
    case 'gamma': return (at) => at + gamma(draw, arrivals.shape) * gapMicros;
    case 'mmpp': return mmpp(arrivals, gapMicros, draw);
    case 'diurnal': {
      const { swing, periodMs } = arrivals;
      return thinned({ gapMicros, most: 1 + swing, draw, rate: (at) => 1 + swing * Math.sin((2 * Math.PI * at) / (periodMs * 1000)) });
    }
    case 'flash': {
      const { factor, fromMs, forMs } = arrivals;
      const inside = (at: Micros): boolean => at >= fromMs * 1000 && at < (fromMs + forMs) * 1000;
      return thinned({ gapMicros, most: Math.max(1, factor), draw, rate: (at) => (inside(at) ? factor : 1) });
    }
    case 'trace': return trace(arrivals.offsetsMicros);
  }
}

/** Thinning (Lewis and Shedler, 1979): arrivals at the highest rate, each kept with the share that its time has of it. */
function thinned(how: { gapMicros: Micros; most: number; rate: (at: Micros) => number; draw: Random }): NextArrival {
  return (from) => {
    let at = from;
    do at += exponential(how.draw, how.gapMicros / how.most);
    while (how.draw() * how.most >= how.rate(at));
    return at;
  };
}

function mmpp({ factor, share, meanMs }: Extract<Arrivals, { kind: 'mmpp' }>, gapMicros: Micros, draw: Random): NextArrival {
  if (factor * share > 1) throw new RangeError(`bursts of ${factor} times the rate cannot take ${share} of the time`);
  const calm = (1 - factor * share) / (1 - share);
  let burst = draw() < share;
  let untilMicros = exponential(draw, meanMs * 1000 * (burst ? share : 1 - share));
  return (from) => {
    let at = from;
    for (;;) {
      const rate = burst ? factor : calm;
      const next = rate === 0 ? Infinity : at + exponential(draw, gapMicros / rate);
      if (next < untilMicros) return next;
      // The state ends first; what is left of the gap is drawn anew, for an exponential has no memory.
      at = Math.max(at, untilMicros);
      burst = !burst;
      untilMicros = at + exponential(draw, meanMs * 1000 * (burst ? share : 1 - share));
    }
  };
}

function trace(offsets: readonly number[]): NextArrival {
  const last = offsets.at(-1);
  if (last === undefined || last <= 0) throw new RangeError('a trace needs arrivals');
  let at = 0;
  return () => {
    const round = Math.floor(at / offsets.length);
    return round * last + (offsets[at++ % offsets.length] ?? 0);
  };
}

/** A trace file: a JSON array, or one number a line (CSV: the first column), in microseconds from its start; sorted. */
export function readTrace(text: string): number[] {
  const trimmed = text.trim();
  const numbers = trimmed.startsWith('[') ? (JSON.parse(trimmed) as unknown[]).map(Number) : trimmed.split('\n').map((line) => Number(line.split(',')[0]));
  const offsets = Number.isNaN(numbers[0]) ? numbers.slice(1) : numbers; // A heading.
  const wrong = offsets.findIndex((offset) => !Number.isFinite(offset) || offset < 0);
  if (wrong >= 0) throw new RangeError(`arrival ${wrong + 1} of the trace is no time`);
  return offsets.toSorted((a, b) => a - b);
}
