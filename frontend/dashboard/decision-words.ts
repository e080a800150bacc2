import { counted, listed, objective, percent } from './format.ts';
import { because } from './reasons.ts';

/** What `GET /admin/decisions/{id}` says, as far as it is shown. */
export interface DecisionReply {
  readonly app: string;
  readonly at: string;
  readonly mode: string;
  readonly propensity: number;
  readonly rows: number;
  readonly journal: string;
  readonly record: {
    readonly policy: string;
    readonly slo_ms: number;
    readonly mode: string;
    readonly arms: readonly string[];
    readonly probabilities: readonly number[];
    readonly asked: readonly { readonly arm: string; readonly version: number; readonly outputs: readonly unknown[]; readonly missed?: string }[];
  } | null;
}

const MOST_OUTPUTS = 3;

/** How one decision came about, in sentences. */
export function decisionWords({ app, at, mode, propensity, rows, journal, record }: DecisionReply): readonly string[] {
  const what = `A query of ${counted(rows, 'row')} for ${app}, ${at.replace('T', ' ').replace(/\.\d+Z$/u, ' UTC')}.`;
  return [what, chosenBy(mode, propensity), ...(record === null ? [notKept(journal)] : recordWords(record))];
}

function chosenBy(mode: string, propensity: number): string {
  switch (mode) {
    case 'pinned': return 'The caller named the arm itself; such an answer teaches nothing.';
    case 'default': return 'No arm answered in time: the default was given, and a reward for it is nobody\'s.';
    default: return `The policy chose this action with a probability of ${percent(propensity)}; its reward counts by that.`;
  }
}

function recordWords({ policy, slo_ms: sloMs, arms, probabilities, asked }: NonNullable<DecisionReply['record']>): string[] {
  const chances = arms.length === probabilities.length && arms.length > 1 ? ` Its probabilities were ${listed(arms.map((arm, i) => `${arm} ${percent(probabilities[i] ?? 0)}`))}.` : '';
  return [`${policy} decided among ${listed([...arms])}, within ${objective(sloMs)}.${chances}`, ...asked.map(askedWords)];
}

function askedWords({ arm, version, outputs, missed }: NonNullable<DecisionReply['record']>['asked'][number]): string {
  const who = arm.includes('@') ? arm : `${arm}@${version}`;
  if (missed !== undefined) return `${who} gave nothing: ${because(missed)}.`;
  const shown = outputs.slice(0, MOST_OUTPUTS).map((output) => JSON.stringify(output)).join(', ');
  return `${who} answered ${shown}${outputs.length > MOST_OUTPUTS ? ` and ${outputs.length - MOST_OUTPUTS} more` : ''}.`;
}

function notKept(journal: string): string {
  return journal === 'kept' ? 'Its record is not in the journal any more.' : 'No record of it was kept: `journal: { keep: true }` of the app keeps them.';
}
