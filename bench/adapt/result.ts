import { BEST, LOOK_BROKEN, LOOK_MENDED, type Breakdown } from './breakdown.ts';
import { SLO_MS, type EnsembleFigures } from './ensemble.ts';

/** What is kept of one run of the breakdown. */
export type Shares = Omit<Breakdown, 'taught'>;

/** A part that has ended, as it is kept. */
export type AdaptPart =
  | { readonly kind: 'breakdown'; readonly seed: number; readonly shares: Shares }
  | { readonly kind: 'ensemble'; readonly figures: EnsembleFigures };

export interface AdaptBar {
  readonly what: string;
  readonly value: number;
  readonly bar: string;
  readonly pass: boolean;
}

/** Held against the means over the runs, of which there is one at least. */
export function barsOfBreakdowns(runs: readonly Shares[]): readonly AdaptBar[] {
  const mean = (of: (run: Shares) => number): number => runs.reduce((sum, run) => sum + of(run), 0) / runs.length;
  const broken = mean(({ shareBroken }) => shareBroken);
  const mended = mean(({ shareMended }) => shareMended);
  return [
    { what: `share of ${BEST}, ${LOOK_BROKEN} labels after it broke`, value: broken, bar: '< 0.05', pass: broken < 0.05 },
    { what: `share of ${BEST}, ${LOOK_MENDED} labels after it was mended`, value: mended, bar: '> 0.70', pass: mended > 0.7 },
  ];
}

export function barsOfEnsemble({ p99Ms, accuracyFive, accuracyFour, calibrationError }: EnsembleFigures): readonly AdaptBar[] {
  const behind = accuracyFour - accuracyFive;
  return [
    { what: 'five with a straggler: p99, ms', value: p99Ms, bar: `<= ${SLO_MS}`, pass: p99Ms <= SLO_MS },
    { what: 'accuracy behind the four others', value: behind, bar: '<= 0.005', pass: behind <= 0.005 },
    { what: 'expected calibration error', value: calibrationError, bar: '<= 0.03', pass: calibrationError <= 0.03 },
  ];
}
