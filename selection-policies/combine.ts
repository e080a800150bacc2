/** A class, as a model names it. */
export type Label = string | number;

/** One member of an ensemble: what it answered, `undefined` where it is missing at the deadline, and its weight, ≥ 0. */
export interface Member<Answer> {
  readonly answer: Answer | undefined;
  readonly weight: number;
}

/**
 * What the members come to. `confidence` in [0, 1] counts those that are missing against the answer (Clipper, NSDI 2017,
 * section 5.2.2: "confidence reflects what is missing"); raw, to be calibrated (`calibration.ts`).
 */
export interface Combined<Answer> {
  readonly answer: Answer;
  readonly confidence: number;
}

/** The class of the greatest weight; of equals the one that was named first. Confidence: its share of all weight. */
export function weightedVote(members: readonly Member<Label>[]): Combined<Label> | undefined {
  const votes = new Map<Label, number>();
  let all = 0;
  for (const { answer, weight } of members) {
    all += weight;
    if (answer !== undefined) votes.set(answer, (votes.get(answer) ?? 0) + weight);
  }
  let best: Combined<Label> | undefined;
  let most = -1;
  for (const [answer, weight] of votes) {
    if (weight <= most) continue;
    most = weight;
    best = { answer, confidence: all > 0 ? weight / all : 0 };
  }
  return best;
}

/** A vote in which all weigh the same. Confidence: the share of the members that agree (Clipper's). */
export function majority(answers: readonly (Label | undefined)[]): Combined<Label> | undefined {
  return weightedVote(answers.map((answer) => ({ answer, weight: 1 })));
}

/**
 * The weighted mean of numbers; who is missing counts as the mean of the others. Confidence: the share of weight that
 * answered, less what the answers' spread takes from it: present · 1 / (1 + deviation / |mean|).
 */
export function mean(members: readonly Member<number>[]): Combined<number> | undefined {
  const { total, present, all } = weigh(members);
  if (present === 0) return undefined;
  let sum = 0;
  for (const { answer, weight } of members) if (answer !== undefined) sum += (total > 0 ? weight / total : 1 / present) * answer;
  return { answer: sum, confidence: agreement(members, sum) * (all > 0 ? total / all : present / members.length) };
}

/** The middle of the answers, the mean of the middle two where they are even in number; weights count only in the confidence. */
export function median(members: readonly Member<number>[]): Combined<number> | undefined {
  const { total, present, all } = weigh(members);
  if (present === 0) return undefined;
  const sorted = members.flatMap(({ answer }) => (answer === undefined ? [] : [answer])).sort((a, b) => a - b);
  // Halved before they are added: the sum of two doubles may be none.
  const answer = (sorted[present >> 1] ?? 0) / 2 + (sorted[(present - 1) >> 1] ?? 0) / 2;
  return { answer, confidence: agreement(members, answer) * (all > 0 ? total / all : present / members.length) };
}

/**
 * The weighted mean of probabilities over the same classes, `[classes]`; who is missing counts as the mean of the others.
 * Confidence: the top class's mean probability times the share of weight that answered.
 */
export function meanProbabilities(members: readonly Member<ArrayLike<number>>[]): Combined<Float64Array> | undefined {
  const { total, present, all } = weigh(members);
  if (present === 0) return undefined;
  const classes = members.find(({ answer }) => answer !== undefined)?.answer?.length ?? 0;
  const answer = new Float64Array(classes);
  for (const member of members) {
    if (member.answer === undefined) continue;
    if (member.answer.length !== classes) throw new RangeError(`${member.answer.length} classes beside ${classes}`);
    const share = total > 0 ? member.weight / total : 1 / present;
    for (let c = 0; c < classes; c++) answer[c] = (answer[c] ?? 0) + share * (member.answer[c] ?? 0);
  }
  const top = answer.reduce((most, p) => Math.max(most, p), 0);
  return { answer, confidence: Math.min(1, top) * (all > 0 ? total / all : present / members.length) };
}

/** Weight that answered, how many did, and weight in all. */
function weigh(members: readonly Member<unknown>[]): { total: number; present: number; all: number } {
  let [total, present, all] = [0, 0, 0];
  for (const { answer, weight } of members) {
    all += weight;
    if (answer === undefined) continue;
    total += weight;
    present++;
  }
  return { total, present, all };
}

function agreement(members: readonly Member<number>[], middle: number): number {
  const present = members.flatMap(({ answer }) => (answer === undefined ? [] : [(answer - middle) ** 2]));
  const deviation = Math.sqrt(present.reduce((sum, square) => sum + square, 0) / present.length);
  return deviation === 0 ? 1 : 1 / (1 + deviation / Math.abs(middle));
}
