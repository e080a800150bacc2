import { armModels } from '../domain/arm.ts';
import type { Fault } from '../domain/fault.ts';
import type { AppSpec, OutputKind, WantedState } from '../domain/model.ts';
import { gives } from '../domain/output.ts';
import { readFeedback, readJournal, writeFeedback, writeJournal } from './feedback-words.ts';
import type { RawApp } from './options.ts';
import { readSelection, writeSelection } from './selection-words.ts';

export interface AppReading {
  readonly at: readonly (string | number)[];
  /** The models and labels that its arms name. */
  readonly among: Pick<WantedState, 'models' | 'labels'>;
  readonly faults: Fault[];
}

/** From the words of the file to an app; `raw` has been held against `APP`. What it must agree on with models is checked with the whole. */
export function readApp(raw: RawApp, { at, among, faults }: AppReading): AppSpec {
  return {
    name: raw.name,
    arms: raw.arms,
    ...readSelection(raw, at, faults),
    output: raw.output ?? commonOutput(raw.arms, among),
    sloMs: raw.slo_ms,
    sloMinMs: raw.slo_min_ms,
    sloMaxMs: raw.slo_max_ms,
    ...(raw.default === undefined ? {} : { default: raw.default }),
    onMiss: raw.on_miss ?? (raw.default === undefined ? 'error' : 'default'),
    priority: raw.priority,
    weight: raw.weight,
    ...(raw.context_key === undefined ? {} : { contextKey: raw.context_key }),
    feedback: readFeedback(raw.feedback, at, faults),
    journal: readJournal(raw, at, faults),
  };
}

/** The app in the words of the file: what `readApp` makes the same of again. */
export function writeApp(spec: AppSpec): RawApp {
  return {
    name: spec.name,
    arms: [...spec.arms],
    ...writeSelection(spec),
    output: spec.output,
    slo_ms: spec.sloMs,
    slo_min_ms: spec.sloMinMs,
    slo_max_ms: spec.sloMaxMs,
    ...(spec.default === undefined ? {} : { default: spec.default }),
    on_miss: spec.onMiss,
    priority: spec.priority,
    weight: spec.weight,
    ...(spec.contextKey === undefined ? {} : { context_key: spec.contextKey }),
    feedback: writeFeedback(spec.feedback),
    journal: writeJournal(spec.journal),
  };
}

/** `label` unless said, where all arms can give it; else what the first gives, which the others are then held against. */
function commonOutput(arms: readonly string[], among: AppReading['among']): OutputKind {
  const kinds = arms.flatMap((arm) => armModels(arm, among).map((model) => model.output.kind));
  return kinds.every((kind) => gives(kind, 'label')) ? 'label' : kinds[0] ?? 'label';
}
