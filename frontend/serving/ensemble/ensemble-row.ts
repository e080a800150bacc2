import { majority, mean, meanProbabilities, median, weightedVote, type Combined, type Member } from '../../../selection-policies/combine.ts';
import type { OutputValue } from '../../domain/answer.ts';
import type { Combination } from '../../domain/model.ts';
import type { SlabPool } from '../../domain/slabs.ts';
import { scoresOf } from './scores.ts';

/** What one arm says of one row; undefined where it is missing. */
export interface Vote {
  readonly answer: OutputValue | undefined;
  readonly weight: number;
}

export interface CombinedRow {
  readonly output: OutputValue;
  /** As the arms agree; in [0, 1], not calibrated. */
  readonly confidence: number;
}

/**
 * The answers to one row as one: labels by vote, values by mean or median, scores by their mean, in a tensor of its own
 * from `slabs`. The votes' tensors stay their owner's. Undefined where nobody answered.
 */
export function combineRow(combine: Combination, votes: readonly Vote[], slabs: SlabPool): CombinedRow | undefined {
  switch (votes.find(({ answer }) => answer !== undefined)?.answer?.kind) {
    case 'label': {
      const labels = votes.map(({ answer, weight }): Member<string | number> => ({ answer: answer?.kind === 'label' ? answer.label : undefined, weight }));
      const combined = combine === 'majority' ? majority(labels.map(({ answer }) => answer)) : weightedVote(evened(labels));
      return combined === undefined ? undefined : { output: { kind: 'label', label: combined.answer }, confidence: combined.confidence };
    }
    case 'value': {
      const values = votes.map(({ answer, weight }): Member<number> => ({ answer: answer?.kind === 'value' ? answer.value : undefined, weight }));
      const combined = combine === 'median' ? median(evened(values)) : mean(evened(values));
      return combined === undefined ? undefined : { output: { kind: 'value', value: combined.answer }, confidence: combined.confidence };
    }
    case 'tensors': return meanScores(votes, slabs);
    default: return undefined;
  }
}

/** Where only arms without weight answered, the others being missing, they are all there is: all weigh the same. */
function evened<Answer>(members: readonly Member<Answer>[]): readonly Member<Answer>[] {
  const some = members.some(({ answer, weight }) => answer !== undefined && weight > 0);
  return some ? members : members.map(({ answer }) => ({ answer, weight: 1 }));
}

function meanScores(votes: readonly Vote[], slabs: SlabPool): CombinedRow | undefined {
  const [model] = votes.flatMap(({ answer }) => (answer?.kind === 'tensors' ? answer.tensors : []));
  if (model === undefined) return undefined;
  const length = scoresOf(model)?.length;
  const members = votes.map(({ answer, weight }): Member<ArrayLike<number>> => {
    const [only] = answer?.kind === 'tensors' ? answer.tensors : [];
    const scores = only === undefined ? undefined : scoresOf(only);
    // Arms of one app have the same classes by their words; one whose scores differ in number is as good as missing.
    return { answer: scores?.length === length ? scores : undefined, weight };
  });
  const combined: Combined<Float64Array> | undefined = meanProbabilities(evened(members));
  if (combined === undefined) return undefined;
  const { slab, offset } = slabs.allocate(model.lengthBytes);
  const tensor = { ...model, slab, offset };
  scoresOf(tensor)?.set(combined.answer);
  return { output: { kind: 'tensors', tensors: [tensor] }, confidence: combined.confidence };
}
