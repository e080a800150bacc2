import { isMiss, type GatheredRow } from '../../dispatch/gather.ts';
import type { AnswerRow } from '../../domain/answer.ts';
import type { LabelledOutput } from '../../domain/decision.ts';
import { topClass } from './scores.ts';

/** An answer as labels can be held against it: its label or number, the likeliest class of scores; null for anything else. */
export function labelledOutput({ output }: Pick<AnswerRow, 'output'>, classNames: readonly string[] | undefined): LabelledOutput {
  switch (output.kind) {
    case 'label': return output.label;
    case 'value': return output.value;
    case 'json': return null;
    case 'tensors': {
      const [only] = output.tensors;
      const top = only === undefined || output.tensors.length > 1 ? undefined : topClass(only);
      return top === undefined ? null : classNames?.[top] ?? top;
    }
  }
}

/** Of every row of a gather: null where it missed; none at all where every row did. */
export function labelledOutputs(rows: readonly (GatheredRow | undefined)[], classNames: readonly string[] | undefined): readonly LabelledOutput[] {
  let some = false;
  const outputs = rows.map((row) => {
    if (row === undefined || isMiss(row)) return null;
    some = true;
    return labelledOutput(row, classNames);
  });
  return some ? outputs : [];
}
