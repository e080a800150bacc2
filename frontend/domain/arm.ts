import { modelKey } from './model.ts';
import type { ModelSpec, WantedState } from './model.ts';

type Known = Pick<WantedState, 'models' | 'labels'> & Partial<Pick<WantedState, 'apps'>>;

const APP_PREFIX = 'app:';

/** The app that an arm is, written `app:name`; undefined for an arm that is a model. */
export function appOfArm(arm: string): string | undefined {
  return arm.startsWith(APP_PREFIX) ? arm.slice(APP_PREFIX.length) : undefined;
}

/** What an arm names: a model; at most one of a version and a label. */
export interface ArmName {
  readonly model: string;
  readonly version?: number;
  readonly label?: string;
}

/** `model`, `model@3` or `model@stable`. */
export function readArm(arm: string): ArmName {
  const at = arm.indexOf('@');
  if (at < 0) return { model: arm };
  const model = arm.slice(0, at);
  const which = arm.slice(at + 1);
  return /^[0-9]+$/u.test(which) ? { model, version: Number(which) } : { model, label: which };
}

/**
 * The versions that an arm may come to: a bare one any, as `stable` and readiness move; one that is an app, those of its
 * arms. None: there is no such arm.
 */
export function armModels(arm: string, known: Known): readonly ModelSpec[] {
  const app = appOfArm(arm);
  return app === undefined ? versionsOf(arm, known) : [...modelsBelow(app, known, new Set())];
}

/** Each once, also where apps are arms of each other. */
function modelsBelow(app: string, known: Known, seen: Set<string>): Set<ModelSpec> {
  const found = new Set<ModelSpec>();
  if (seen.has(app)) return found;
  seen.add(app);
  for (const arm of known.apps?.[app]?.arms ?? []) {
    const below = appOfArm(arm);
    for (const spec of below === undefined ? versionsOf(arm, known) : modelsBelow(below, known, seen)) found.add(spec);
  }
  return found;
}

function versionsOf(arm: string, known: Known): readonly ModelSpec[] {
  const { model, version, label } = readArm(arm);
  if (version === undefined && label === undefined) return Object.values(known.models).filter((spec) => spec.name === model);
  const wanted = version ?? known.labels[model]?.[label ?? ''];
  const spec = wanted === undefined ? undefined : known.models[modelKey(model, wanted)];
  return spec === undefined ? [] : [spec];
}
