import { exponential, type Random } from './random.ts';

export const ARRIVALS = ['poisson', 'constant', 'bursty'] as const;
export type Arrivals = (typeof ARRIVALS)[number];

/** Microseconds (not whole) from one arrival to the next. */
export type Gaps = () => number;

/**
 * Bursty traffic is a Poisson process with two states of exponential length: a quarter of the time at 2.5 times the mean
 * rate, the rest at half of it, so that the mean is what was asked.
 */
const BURST = { factor: 2.5, meanMicros: 50_000 };
const CALM = { factor: 0.5, meanMicros: 150_000 };

/** The gaps between arrivals of `ratePerSecond` in the mean. */
export function gaps(kind: Arrivals, ratePerSecond: number, draw: Random): Gaps {
  const meanMicros = 1e6 / ratePerSecond;
  switch (kind) {
    case 'constant': return () => meanMicros;
    case 'poisson': return () => exponential(draw, meanMicros);
    case 'bursty': return burstyGaps(meanMicros, draw);
  }
}

function burstyGaps(meanMicros: number, draw: Random): Gaps {
  let state = draw() < 0.25 ? BURST : CALM;
  let leftMicros = exponential(draw, state.meanMicros);
  return () => {
    let gap = 0;
    for (;;) {
      const step = exponential(draw, meanMicros / state.factor);
      if (step < leftMicros) {
        leftMicros -= step;
        return gap + step;
      }
      // The state ends first. What is left of the gap is drawn anew: an exponential has no memory.
      gap += leftMicros;
      state = state === BURST ? CALM : BURST;
      leftMicros = exponential(draw, state.meanMicros);
    }
  };
}
