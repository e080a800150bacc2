import type { AnswerRow, OutputTensor } from '../../domain/answer.ts';
import type { OutputKind } from '../../domain/model.ts';
import { applySoftmax } from '../../domain/output.ts';
import type { SlabPool } from '../../domain/slabs.ts';
import { releaseRows } from './compose.ts';
import { scoresOf, topClass } from './scores.ts';

/**
 * A row of an app's answer as an app wants it whose arm that is (`gives` in frontend/domain/output.ts says which can be).
 * Takes the row's tensors over: they are given on, or released.
 */
export function restated(row: AnswerRow, { from, to, classNames, slabs }: { from: OutputKind; to: OutputKind; classNames: readonly string[] | undefined; slabs: SlabPool }): AnswerRow {
  const [scores] = row.output.kind === 'tensors' ? row.output.tensors : [];
  if (from === to || scores === undefined || to === 'raw') return row;
  if (from === 'logits') applySoftmax(scores);
  if (to !== 'label') return { ...row, confidence: topScore(scores) };
  const top = topClass(scores) ?? 0;
  const confidence = topScore(scores);
  releaseRows([row], slabs);
  return { ...row, output: { kind: 'label', label: classNames?.[top] ?? top }, confidence };
}

function topScore(tensor: OutputTensor): number {
  return scoresOf(tensor)?.[topClass(tensor) ?? 0] ?? 0;
}
