import { appOfArm, armModels } from '../domain/arm.ts';
import type { Fault } from '../domain/fault.ts';
import type { AppSpec, OutputKind, WantedState } from '../domain/model.ts';
import { gives } from '../domain/output.ts';
import { readFeedback, readJournal, writeFeedback, writeJournal } from './feedback-words.ts';
import { readAccess, writeAccess, type Secrets } from './access-words.ts';
import type { RawApp } from './options.ts';
import { readRecording, writeRecording } from './recording-words.ts';
import { readSelection, writeSelection } from './selection-words.ts';

export interface AppReading {
  readonly at: readonly (string | number)[];
  /** The models, labels and apps that its arms name. */
  readonly among: Pick<WantedState, 'models' | 'labels'> & Partial<Pick<WantedState, 'apps'>>;
  readonly faults: Fault[];
  /** Where tokens may come from; absent: apps name them by digest. */
  readonly secrets?: Secrets;
}

/** From the words of the file to an app; `raw` has been held against `APP`. What it must agree on with models is checked with the whole. */
export function readApp(raw: RawApp, { at, among, faults, ...reading }: AppReading): AppSpec {
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
    ...(raw.access === undefined ? {} : { access: readAccess(raw.access, { at, faults, ...reading }) }),
    feedback: readFeedback(raw.feedback, at, faults),
    journal: readJournal(raw, at, faults),
    ...readRecording(raw.recording),
  };
}

/**
 * Apps that are arms before those whose arms they are, whose output follows from theirs; else as they stand. Where they are
 * arms of each other, some come too early: that is a fault of the whole.
 */
export function innerFirst<Key>(apps: readonly (readonly [Key, RawApp])[]): readonly (readonly [Key, RawApp])[] {
  const named = new Map(apps.map((entry) => [entry[1].name, entry]));
  const ordered = new Set<readonly [Key, RawApp]>();
  const seen = new Set<readonly [Key, RawApp]>();
  const put = (entry: readonly [Key, RawApp]): void => {
    if (seen.has(entry)) return;
    seen.add(entry);
    for (const arm of entry[1].arms) {
      const inner = named.get(appOfArm(arm) ?? '');
      if (inner !== undefined) put(inner);
    }
    ordered.add(entry);
  };
  apps.forEach(put);
  return [...ordered];
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
    ...(spec.access === undefined ? {} : { access: writeAccess(spec.access) }),
    feedback: writeFeedback(spec.feedback),
    journal: writeJournal(spec.journal),
    ...writeRecording(spec.recording),
  };
}

/** `label` unless said, where all arms can give it; else what the first gives, which the others are then held against. */
function commonOutput(arms: readonly string[], among: AppReading['among']): OutputKind {
  const kinds = arms.flatMap((arm) => {
    const inner = appOfArm(arm);
    if (inner === undefined) return armModels(arm, among).map((model) => model.output.kind);
    const output = among.apps?.[inner]?.output;
    return output === undefined ? [] : [output];
  });
  return kinds.every((kind) => gives(kind, 'label')) ? 'label' : kinds[0] ?? 'label';
}
