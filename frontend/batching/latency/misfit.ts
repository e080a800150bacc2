/** Running means stand on so many comparisons at most. */
const MEMORY = 64;
/** What is believed before the first comparison: the weight of so many of them. */
const PRIOR_WEIGHT = 4;
/** One batch is worth no more evidence than this, all together no more than the bound: a change must not take for ever. */
const MOST_OF_ONE = 2;
const MOST_EVIDENCE = 12;
/** What speaks for padded sizes fades within so many batches that do not tell, so that it is put to the test again. */
const FADING = 4096;
/** Relative errors count as no more than this. */
const CLIP = 1;
/** Variances below which everything is as good as exact: 0.3 % of noise, 1 % of bend. */
const LEAST_NOISE = 0.003 ** 2;
const LEAST_BEND = 0.01 ** 2;
const PRIOR_NOISE = 0.03 ** 2;
const PRIOR_BEND = 0.1 ** 2;

/**
 * How far batches lie from a fitted line, and how much of that is noise: squared relative errors of predictions made
 * before the batch was seen, one by the line and one by the mean of the batch's own size. What the line errs more than
 * that mean is no noise but a bend of the law: the two variances say how much a size's own mean is to be trusted over the
 * line (empirical Bayes: Morris, "Parametric Empirical Bayes Inference", JASA 1983).
 */
export class Misfit {
  #count = PRIOR_WEIGHT;
  #line: number;
  #own: number;
  #padded = 0;

  constructor(prior: { readonly noise: number; readonly bend: number } = { noise: PRIOR_NOISE, bend: PRIOR_BEND }) {
    this.#line = prior.noise + prior.bend;
    this.#own = prior.noise;
  }

  /** Variance of one batch about the mean of its size, relative. */
  get noise(): number {
    return Math.max(this.#own, LEAST_NOISE);
  }
  /** Variance of the means of sizes about the line, relative. */
  get bend(): number {
    return Math.max(this.#line - this.#own, LEAST_BEND);
  }
  /** Whether enough batches were compared for the two variances to be more than what was believed at the start. */
  get isMeasured(): boolean {
    return this.#count >= 3 * PRIOR_WEIGHT;
  }
  /**
   * How much more likely padded sizes make the batches than the sizes themselves: the logarithm of the ratio, kept as in a
   * sequential test (Wald, "Sequential Tests of Statistical Hypotheses", 1945).
   */
  get paddedEvidence(): number {
    return this.#padded;
  }

  /** Relative errors of the line and of the size's own mean, which stood on `batches`. */
  compare(lineError: number, ownError: number, batches: number): void {
    const rate = 1 / (this.#count = Math.min(this.#count + 1, MEMORY));
    this.#line += (squared(lineError) - this.#line) * rate;
    this.#own += (squared(ownError) * (batches / (batches + 1)) - this.#own) * rate;
  }

  /** A batch of a size for which the two lines agree. */
  fade(): void {
    this.#padded -= this.#padded / FADING;
  }

  /** Relative errors of the line over the sizes and of the line over the padded sizes, of a size for which the two differ. */
  compareBases(lineError: number, paddedError: number): void {
    const evidence = (squared(lineError) - squared(paddedError)) / (2 * Math.max(this.#line, LEAST_NOISE));
    this.#padded = clamp(this.#padded + clamp(evidence, MOST_OF_ONE), MOST_EVIDENCE);
  }
}

function clamp(value: number, bound: number): number {
  return Math.min(Math.max(value, -bound), bound);
}

function squared(error: number): number {
  const clipped = Math.min(Math.abs(error), CLIP);
  return clipped * clipped;
}
