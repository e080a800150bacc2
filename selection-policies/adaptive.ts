import { bernoulliGlr, glrThreshold, type Sample } from './change-detection.ts';
import { checkEvent } from './cells.ts';
import { addToEpoch, beginNext, earlierEpoch, expiredEpochCells, goOn, packStamp, readEpoch } from './epoch-cells.ts';
import { addPrior, addTo, evidenceEstimates, noEvidence, type Evidence } from './evidence.ts';
import { policyKind } from './kind.ts';
import { soloPlan } from './pmf.ts';
import type { Arm, Cells, Policy } from './policy.ts';
import { BETA_PRIOR, betaThompson, type BetaPrior } from './thompson.ts';

interface AdaptiveOptions {
  readonly prior: BetaPrior;
  readonly falseAlarms: number;
  readonly falseReturns: number;
  readonly probe: number;
  readonly memory: number;
}

interface AdaptiveView {
  readonly evidence: Evidence;
  /** How much of the traffic each arm gets at least, as a probe; 0 for arms that are not marked failed. */
  readonly probes: readonly number[];
  readonly stamps: readonly number[];
}

/** Probes of all failed arms together. */
const MOST_PROBES = 0.2;

/**
 * Thompson sampling that forgets when, and only when, an arm has changed: the Bernoulli GLR test on each arm's rewards,
 * and a restart of that arm alone where it finds a change (GLR-klUCB with local restarts: Besson and Kaufmann 2019, with
 * Thompson sampling in place of klUCB). Where nothing changes it is plain Thompson.
 *
 * What plain exploration would pay for noticing an arm that became better is paid only for arms that were seen to fall:
 * each gets `probe` of the traffic, more as its probes begin to speak for a return (times e^(statistic / 2)), until
 * a rise is found. Then what it earned before the fall counts again, until what it earns now disagrees.
 *
 * Cells: those of `epoch-cells.ts`: block sums by the arm's own counter, an epoch that only rises.
 */
function adaptivePolicy(options: AdaptiveOptions): Policy<AdaptiveView> {
  return {
    name: 'adaptive',
    contextual: false,
    contribution(event) {
      checkEvent(event);
      return event.rewards.flatMap(addToEpoch);
    },
    view(cells, _nowMicros, arms, priors) {
      const evidence = noEvidence(arms.length);
      const probes: number[] = [];
      const stamps: number[] = [];
      for (const [i, arm] of arms.entries()) {
        const { samples, probe, stamp, epoch } = readArm(cells, arm, options);
        for (const { count, sum } of samples) addTo(evidence, i, count, sum);
        // After a change, what others were believed to earn says nothing of this arm any more.
        if (epoch === 0) addPrior(evidence, i, priors?.[i]);
        probes.push(probe);
        stamps.push(stamp);
      }
      return { evidence, probes, stamps };
    },
    plan: (view, arms, _context, mask) => soloPlan(arms, withProbes(betaThompson(view.evidence, options.prior, mask), view.probes, mask)),
    estimates: (view) => evidenceEstimates(view.evidence),
    stamp: (view, i) => view.stamps[i] ?? 0,
    expired: (cells) => expiredEpochCells(cells),
  };
}

const NOTHING: Sample = { count: 0, sum: 0 };

interface ArmState {
  readonly epoch: number;
  readonly samples: readonly Sample[];
  readonly probe: number;
  readonly stamp: number;
}

function readArm(cells: Cells, arm: Arm, options: AdaptiveOptions): ArmState {
  const state = readEpoch(cells, arm);
  const { statistic, before, after } = bernoulliGlr(state.blocks);
  const rose = after.sum * before.count > before.sum * after.count;
  const delta = state.fell && rose ? options.falseReturns : options.falseAlarms;
  if (statistic > glrThreshold(before.count + after.count, delta)) {
    // A change that no reward carries yet: act as if the next epoch had begun; the next reward will begin it.
    // The rewards that gave a return away are no sample of it (some are older, in the same block): memory serves better.
    const returned = rose && state.fell;
    const seed = returned ? NOTHING : after;
    const samples = returned ? [remembered(cells, { arm, epoch: state.epoch - 1, now: NOTHING, memory: options.memory })] : [after];
    return { epoch: state.epoch + 1, samples, probe: rose ? 0 : options.probe, stamp: packStamp(beginNext(state, !rose, seed)) };
  }
  const stamp = packStamp(goOn(state));
  if (state.fell) return { epoch: state.epoch, samples: [state.whole], probe: options.probe * Math.exp(rose ? statistic / 2 : 0), stamp };
  const past = state.epoch >= 2 && fellBefore(cells, arm, state.epoch) ? [remembered(cells, { arm, epoch: state.epoch - 2, now: state.whole, memory: options.memory })] : [];
  return { epoch: state.epoch, samples: [state.whole, ...past], probe: 0, stamp };
}

/** Whether the epoch before this one began with a fall: this one is then a return. */
function fellBefore(cells: Cells, arm: Arm, epoch: number): boolean {
  return cells.get(`${arm}/fell`) === BigInt(epoch - 1);
}

/** What an arm earned in the epoch before its fall, at most `memory` rewards of it; nothing where the present disagrees. */
function remembered(cells: Cells, { arm, epoch, now, memory }: { arm: Arm; epoch: number; now: Sample; memory: number }): Sample {
  const then = earlierEpoch(cells, arm, epoch);
  const { statistic } = bernoulliGlr({ counts: [then.count, now.count], sums: [then.sum, now.sum] });
  if (then.count === 0 || statistic > AGREES) return NOTHING;
  const count = Math.min(then.count, memory);
  return { count, sum: (then.sum / then.count) * count };
}

/** A likelihood ratio of e^3: about what chance gives once in a hundred times. */
const AGREES = 3;

/** Gives each failed arm at least its probes, at the cost of the others in proportion. */
function withProbes(pmf: readonly number[], probes: readonly number[], mask: readonly boolean[]): readonly number[] {
  const wanted = probes.map((probe, i) => (mask[i] === true && probe > (pmf[i] ?? 0) ? probe : 0));
  const total = wanted.reduce((sum, probe) => sum + probe, 0);
  if (total === 0) return pmf;
  const left = pmf.reduce((sum, p, i) => sum + (wanted[i] === 0 ? p : 0), 0);
  // Only failed arms are open: they have nobody to take from.
  if (left === 0) return pmf;
  const shrink = Math.min(1, MOST_PROBES / total);
  return pmf.map((p, i) => (wanted[i] === 0 ? (p / left) * (1 - total * shrink) : (wanted[i] ?? 0) * shrink));
}

export const adaptiveKind = policyKind({
  name: 'adaptive',
  summary: 'Thompson sampling that notices when an arm changes: it leaves one that breaks, probes it, and returns when it recovers.',
  options: {
    ...BETA_PRIOR,
    false_alarms: { type: 'number', default: 0.001, min: 1e-9, max: 0.5, help: 'δ of the change test: about the chance that an arm which never changes is ever restarted.' },
    false_returns: { type: 'number', default: 0.1, min: 1e-9, max: 0.5, help: 'δ of the test for the return of an arm that failed.' },
    probe: { type: 'number', default: 0.01, min: 0, max: 0.1, help: 'Share of the queries that an arm gets which was seen to fall.' },
    memory: { type: 'number', default: 200, min: 0, max: 1e6, help: 'Rewards from before its fall that count again when an arm returns.' },
  },
  make: (options) => adaptivePolicy({
    prior: { successes: options.prior_successes, failures: options.prior_failures },
    falseAlarms: options.false_alarms, falseReturns: options.false_returns, probe: options.probe, memory: options.memory,
  }),
});
