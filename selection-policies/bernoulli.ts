/** Kullback–Leibler divergence KL(p, q) of Bernoulli distributions, in nats; p and q in [0, 1]. Infinity where q excludes what p has. */
export function bernoulliKl(p: number, q: number): number {
  return Math.max(0, term(p, q) + term(1 - p, 1 - q));
}

function term(p: number, q: number): number {
  if (p <= 0) return 0;
  return q <= 0 ? Infinity : p * Math.log(p / q);
}
