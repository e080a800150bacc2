import { isMiss, type GatheredRow } from '../../dispatch/gather.ts';
import type { Miss } from '../../dispatch/row-task.ts';
import type { Answer, AnswerRow } from '../../domain/answer.ts';
import type { LabelledOutput } from '../../domain/decision.ts';
import { ERRORS } from '../../domain/errors.ts';
import type { SlabPool } from '../../domain/slabs.ts';
import type { AnswerHead } from './compose.ts';
import { defaultRow, failureOf, releaseRows } from './compose.ts';
import { answererOf } from '../selection/arm-target.ts';
import { combineRow, type Vote } from './ensemble-row.ts';
import { labelledOutput } from './labelled-output.ts';
import type { Member, Panel } from './panel.ts';

/** What the rows of a panel come to, before there is an answer of them: the decision is recorded of this. */
export interface PanelRows {
  /** An answer, or why there is none. */
  readonly rows: readonly (AnswerRow | Miss)[];
  /** The rows as labels: of an ensemble also those that were not sure enough to be given. */
  readonly outputs: readonly LabelledOutput[];
  /** As the arms agree, before calibration; of an ensemble only. */
  readonly confidences: readonly number[] | undefined;
  /** Arms of the ensemble that gave nothing for any row. */
  readonly missing: readonly string[];
  /** Whose answer it is, where it is that of one model: the last that was asked of a cascade. */
  readonly model: Member | undefined;
}

/** Brings the answers of a panel's voters together. Takes over their tensors: those that are not given on are released. */
export function joinVotes(panel: Panel, slabs: SlabPool): PanelRows {
  if (panel.choice.panel?.weights === undefined) return inTurn(panel, slabs);
  const { ensemble, arms, output } = panel.app.spec;
  const combine = ensemble?.combine ?? (output === 'label' ? 'vote' : 'mean');
  const least = ensemble?.minConfidence ?? 0;
  const asked = new Set(panel.voters.map(({ arm }) => arm));
  const absent = (ensemble?.arms ?? arms).filter((arm) => !asked.has(arm));
  const classNames = panel.voters[0]?.target.spec.output.classNames;
  const confidences = new Array<number>(panel.query.rows).fill(0);
  const outputs = new Array<LabelledOutput>(panel.query.rows).fill(null);
  const rows = Array.from({ length: panel.query.rows }, (_, row): AnswerRow | Miss => {
    const settled = panel.voters.map(({ gather }) => gather.rows[row] ?? LATE);
    // Of a majority, who was not asked is a member too; where arms have weights, the policy gave it none.
    const votes: Vote[] = [
      ...settled.map((one, i): Vote => ({ answer: isMiss(one) ? undefined : one.output, weight: panel.voters[i]?.weight ?? 0 })),
      ...absent.map((): Vote => ({ answer: undefined, weight: 0 })),
    ];
    const combined = combineRow(combine, votes, slabs);
    for (const one of settled) if (!isMiss(one)) releaseRows([one], slabs);
    if (combined === undefined) return settled.find(isMiss) ?? LATE;
    confidences[row] = combined.confidence;
    outputs[row] = labelledOutput(combined, classNames);
    const confidence = panel.app.calibrate(combined.confidence);
    if (confidence >= least) return { source: 'ensemble', output: combined.output, confidence };
    releaseRows([{ source: 'ensemble', output: combined.output }], slabs);
    return { reason: 'low_confidence', text: `${ERRORS.low_confidence.message} Confidence ${confidence.toFixed(3)}, wanted ${least}.` };
  });
  const silent = panel.voters.filter(({ gather }) => gather.rows.every(hasMissed)).map(({ arm }) => arm);
  return { rows, outputs, confidences, missing: [...silent, ...absent], model: undefined };
}

/** The answer of what the rows came to. */
export function composePanel(head: AnswerHead, panel: Panel, { joined, slabs }: { joined: PanelRows; slabs: SlabPool }): Answer {
  const { spec } = panel.app;
  const { rows, missing, model } = joined;
  const miss = rows.find(isMiss);
  const more = {
    ...(model === undefined ? {} : answererOf(model.target, model.gather)),
    ...(missing.length === 0 ? {} : { missing }),
  };
  if (miss === undefined) return { ...head, ok: true, source: joined.confidences === undefined ? model?.gather.inner?.source ?? 'model' : 'ensemble', rows: rows as readonly AnswerRow[], ...more };
  if (spec.onMiss !== 'default') {
    releaseRows(rows.map((row) => (isMiss(row) ? undefined : row)), slabs);
    return { ...head, ok: false, failure: failureOf(miss) };
  }
  const given = rows.map((row) => (isMiss(row) ? defaultRow(spec, row) : row));
  return { ...head, ok: true, source: 'default', rows: given, reason: miss.reason, reasonText: miss.text ?? ERRORS[miss.reason].message, ...more };
}

/** Of a cascade, or of one arm with shadows: each row is the second arm's where the first was unsure and the second answered. */
function inTurn(panel: Panel, slabs: SlabPool): PanelRows {
  const [first, second] = panel.voters;
  const below = panel.choice.panel?.second?.whenConfidenceBelow ?? 0;
  let model: Member | undefined;
  const rows = Array.from({ length: panel.query.rows }, (_, row): AnswerRow | Miss => {
    const before = first?.gather.rows[row] ?? LATE;
    const after = second?.gather.rows[row] ?? LATE;
    const takesSecond = !isMiss(after) && (isMiss(before) || (before.confidence !== undefined && before.confidence < below));
    const [taken, left] = takesSecond ? [after, before] : [before, after];
    if (!isMiss(left)) releaseRows([left], slabs);
    if (takesSecond) model = second;
    else if (!isMiss(taken)) model ??= first;
    return taken;
  });
  const outputs = rows.map((row) => (isMiss(row) ? null : labelledOutput(row, model?.target.spec.output.classNames)));
  return { rows, outputs, confidences: undefined, missing: [], model };
}

const LATE: Miss = Object.freeze({ reason: 'deadline_exceeded' });

function hasMissed(row: GatheredRow | undefined): boolean {
  return row === undefined || isMiss(row);
}
