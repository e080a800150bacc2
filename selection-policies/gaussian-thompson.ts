import { checkEvent, count, fixed, real } from './cells.ts';
import { policyKind } from './kind.ts';
import { soloPlan } from './pmf.ts';
import type { Estimate, Policy } from './policy.ts';
import { probabilityBest } from './probability-best.ts';
import { StudentScores } from './student-scores.ts';

/** Count, mean and sum of squared deviations of each arm's rewards. */
interface Moments {
  readonly n: Float64Array;
  readonly mean: Float64Array;
  readonly deviation: Float64Array;
}

interface NormalGamma {
  readonly mean: number;
  readonly weight: number;
  readonly shape: number;
  readonly rate: number;
}

/**
 * Thompson sampling for real-valued rewards of unknown mean and variance (Normal-Gamma prior; Murphy, "Conjugate Bayesian
 * analysis of the Gaussian distribution", 2007, section 3): the mean of each arm has a Student posterior, and the
 * probabilities of being the best are integrated (`probability-best.ts`, to 1e-7). Rewards come scaled to [0, 1] by the
 * app's reward schema. Sharper than `thompson` where rewards vary little around their mean, as costs and latencies do.
 * Cells: `ARM/moments/n` the number, `/s` the sum and `/q` the sum of squares of the rewards: of its own, for what other
 * policies counted lacks its squares, and would be taken for rewards that never vary. Adds only.
 */
function gaussianThompsonPolicy(prior: NormalGamma): Policy<Moments> {
  return {
    name: 'gaussian-thompson',
    contextual: false,
    contribution(event) {
      checkEvent(event);
      return event.rewards.flatMap(({ arm, reward }) => [
        { cell: `${arm}/moments/n`, add: 1n }, { cell: `${arm}/moments/s`, add: fixed(reward) }, { cell: `${arm}/moments/q`, add: fixed(reward * reward) },
      ]);
    },
    view(cells, _nowMicros, arms, priors) {
      const n = new Float64Array(arms.length);
      const mean = new Float64Array(arms.length);
      const deviation = new Float64Array(arms.length);
      for (const [i, arm] of arms.entries()) {
        const inherited: Estimate = priors?.[i] ?? { mean: 0, weight: 0 };
        const own = count(cells, `${arm}/moments/n`);
        const sum = Math.min(Math.max(real(cells, `${arm}/moments/s`), 0), own);
        n[i] = own + inherited.weight;
        mean[i] = n[i] === 0 ? 0 : (sum + inherited.mean * inherited.weight) / (n[i] ?? 1);
        // What is inherited has no spread of its own: the prior's stands in, a guess that own rewards soon outweigh.
        const spread = inherited.weight * (prior.rate / prior.shape + (inherited.mean - (mean[i] ?? 0)) ** 2);
        deviation[i] = Math.min(own, Math.max(0, real(cells, `${arm}/moments/q`) - 2 * (mean[i] ?? 0) * sum + own * (mean[i] ?? 0) ** 2)) + spread;
      }
      return { n, mean, deviation };
    },
    plan: (view, arms, _context, mask) => soloPlan(arms, probabilityBest(posterior(view, prior), mask)),
    estimates: ({ n, mean }) => Array.from(n, (weight, i) => (weight === 0 ? undefined : { mean: mean[i] ?? 0, weight })),
  };
}

function posterior({ n, mean, deviation }: Moments, prior: NormalGamma): StudentScores {
  const weight = n.map((count) => prior.weight + count);
  const shape = n.map((count) => prior.shape + count / 2);
  const location = n.map((count, i) => (prior.weight * prior.mean + count * (mean[i] ?? 0)) / (weight[i] ?? 1));
  const scale = n.map((count, i) => {
    const surprise = (prior.weight * count * ((mean[i] ?? 0) - prior.mean) ** 2) / (2 * (weight[i] ?? 1));
    const rate = prior.rate + (deviation[i] ?? 0) / 2 + surprise;
    return Math.sqrt(rate / ((shape[i] ?? 1) * (weight[i] ?? 1)));
  });
  return new StudentScores(location, scale, shape.map((value) => 2 * value));
}

export const gaussianThompsonKind = policyKind({
  name: 'gaussian-thompson',
  summary: 'Thompson sampling for rewards that are measures rather than hits and misses.',
  options: {
    prior_mean: { type: 'number', default: 0.5, min: 0, max: 1, help: 'Mean reward that is expected of an arm before it is tried.' },
    prior_weight: { type: 'number', default: 1, min: 0.01, max: 1e6, help: 'Rewards that this expectation is worth.' },
    prior_shape: { type: 'number', default: 1, min: 0.5, max: 1e6, help: 'Shape of the prior of the precision (1 / variance).' },
    prior_rate: { type: 'number', default: 0.1, min: 1e-6, max: 1e6, help: 'Rate of that prior: shape / rate is the precision expected.' },
  },
  make: (options) => gaussianThompsonPolicy({ mean: options.prior_mean, weight: options.prior_weight, shape: options.prior_shape, rate: options.prior_rate }),
});
