import { POLICIES, type Entry } from '../../selection-policies/catalog.ts';
import type { TensorSpec } from '../../protos/wire.ts';
import { appOfArm, armModels, readArm } from '../domain/arm.ts';
import type { Fault } from '../domain/fault.ts';
import { NAME_REGEXP, modelKey } from '../domain/model.ts';
import type { AppSpec, ModelSpec, OutputKind, WantedState } from '../domain/model.ts';
import { gives } from '../domain/output.ts';
import { appArmFaults } from './app-arm-faults.ts';
import { ruleFaults } from './rule-faults.ts';
import { selectionFaults } from './selection-faults.ts';

/** Bounds of the whole, whoever added what. */
const MAX_MODELS = 512;
const MAX_APPS = 2048;
export const MAX_REPLICAS = 1024;

/**
 * Everything that is wrong with the whole: what no part shows by itself. Paths begin with `models`, `labels`, `rules` or `apps`.
 * Where there are sources, an arm may name what is not there (yet): it has no replica until it comes.
 */
export function desiredFaults(wanted: WantedState, policies: ReadonlyMap<string, Entry> = POLICIES): readonly Fault[] {
  return [...sizeFaults(wanted), ...labelFaults(wanted), ...ruleFaults(wanted), ...Object.values(wanted.apps).flatMap((app) => appFaults(app, wanted, policies))];
}

function sizeFaults(wanted: WantedState): Fault[] {
  const faults: Fault[] = [];
  const bound = (key: string, count: number, most: number): void => {
    if (count > most) faults.push({ path: [key], message: `come to ${count}`, expected: `at most ${most}` });
  };
  const models = Object.values(wanted.models);
  bound('models', models.length, MAX_MODELS);
  bound('apps', Object.keys(wanted.apps).length, MAX_APPS);
  const replicas = models.reduce((sum, model) => sum + model.replicas, 0);
  if (replicas > MAX_REPLICAS) faults.push({ path: ['models'], message: `want ${replicas} replicas together`, expected: `at most ${MAX_REPLICAS}` });
  return faults;
}

function labelFaults({ labels, models }: WantedState): Fault[] {
  return Object.entries(labels).flatMap(([model, of]) => Object.entries(of).flatMap(([label, version]) => {
    const at = models[modelKey(model, version)] === undefined ? ['labels', `${model}@${label}`] : ['models', modelKey(model, version), 'labels'];
    if (!NAME_REGEXP.test(label) || /^[0-9]+$/u.test(label)) return [{ path: at, message: `"${label}" is no label`, expected: 'a name that is not all digits' }];
    return models[modelKey(model, version)] === undefined ? [{ path: at, message: `points at version ${version}, which does not exist` }] : [];
  }));
}

function appFaults(app: AppSpec, wanted: WantedState, policies: ReadonlyMap<string, Entry>): Fault[] {
  const at = ['apps', app.name];
  return [...selectionFaults(app, policies, at), ...app.arms.flatMap((arm, i) => armFaults(arm, [...at, 'arms', i], { app, wanted })), ...inputFaults(app, wanted, at), ...missFaults(app, wanted, at), ...sloFaults(app, at)];
}

function armFaults(arm: string, path: Fault['path'], { app, wanted }: { app: AppSpec; wanted: WantedState }): Fault[] {
  const inner = appOfArm(arm);
  if (inner !== undefined) return appArmFaults(inner, path, { app, wanted });
  const models = armModels(arm, wanted);
  if (models.length === 0) return (wanted.sources ?? []).length > 0 ? [] : [missingArm(arm, path, wanted)];
  return models.filter((model) => !gives(model.output.kind, app.output)).map((model) => ({
    path, message: `${modelKey(model.name, model.version)} gives ${model.output.kind}, which cannot become ${app.output}`, expected: `arms that can give "output: ${app.output}", or an app with another "output"`,
  }));
}

function missingArm(arm: string, path: Fault['path'], { models, labels }: WantedState): Fault {
  const { model, version, label } = readArm(arm);
  const versions = Object.values(models).filter((spec) => spec.name === model).map((spec) => spec.version);
  if (versions.length === 0) {
    const names = [...new Set(Object.values(models).map((spec) => spec.name))].sort();
    return { path, message: `there is no model "${model}"`, expected: names.length === 0 ? 'a model' : `one of ${names.slice(0, 16).join(', ')}` };
  }
  if (version !== undefined) return { path, message: `${model} has no version ${version}`, expected: `one of ${versions.join(', ')}` };
  const known = Object.keys(labels[model] ?? {});
  return { path, message: `${model} has no label "${label}"`, ...(known.length === 0 ? {} : { expected: `one of ${known.join(', ')}` }) };
}

/** Arms take the same input: a query is parsed once, whichever of them it goes to. Only what configuration says is seen here. */
function inputFaults(app: AppSpec, wanted: WantedState, at: readonly string[]): Fault[] {
  const models = app.arms.flatMap((arm) => armModels(arm, wanted)).filter((model) => model.input !== undefined);
  const [first, ...others] = models;
  if (first === undefined) return [];
  return others.filter((other) => !isSameInput(first, other)).map((other) => ({
    path: [...at, 'arms'], message: `${modelKey(first.name, first.version)} and ${modelKey(other.name, other.version)} take different inputs`, expected: 'arms of one input signature',
  }));
}

function isSameInput(a: ModelSpec, b: ModelSpec): boolean {
  const [as, bs] = [a.input ?? [], b.input ?? []];
  return as.length === bs.length && as.every((tensor, i) => isSameTensor(tensor, bs[i], as.length > 1));
}

function isSameTensor(a: TensorSpec, b: TensorSpec | undefined, byName: boolean): boolean {
  if (b === undefined || a.dtype !== b.dtype || (byName && a.name !== b.name) || a.shape.length !== b.shape.length) return false;
  return a.shape.every((extent, i) => extent === b.shape[i] || extent === -1 || b.shape[i] === -1);
}

function missFaults(app: AppSpec, wanted: WantedState, at: readonly string[]): Fault[] {
  if (app.default === undefined) {
    return app.onMiss === 'default' ? [{ path: [...at, 'on_miss'], message: 'is default, but there is no default', expected: '"default" to say what is answered' }] : [];
  }
  const expected = unfitDefault(app, app.output, wanted);
  return expected === undefined ? [] : [{ path: [...at, 'default'], message: `does not fit "output: ${app.output}"`, expected }];
}

/** What the default would have to be, if it does not fit. */
function unfitDefault(app: AppSpec, output: OutputKind, wanted: WantedState): string | undefined {
  const value = app.default;
  switch (output) {
    case 'label': return typeof value === 'string' || Number.isSafeInteger(value) ? undefined : 'a class: an integer or text';
    case 'value': return typeof value === 'number' && Number.isFinite(value) ? undefined : 'a number';
    case 'raw': return undefined;
    case 'logits':
    case 'probabilities': {
      const names = app.arms.flatMap((arm) => armModels(arm, wanted)).find((model) => model.output.classNames !== undefined)?.output.classNames;
      const isScore = (score: unknown): boolean => typeof score === 'number' && Number.isFinite(score) && (output === 'logits' || (score >= 0 && score <= 1));
      const fits = Array.isArray(value) && value.length > 0 && value.every(isScore) && (names === undefined || names.length === value.length);
      return fits ? undefined : `a list of ${names === undefined ? '' : `${names.length} `}${output === 'logits' ? 'numbers' : 'numbers from 0 to 1'}`;
    }
  }
}

function sloFaults(app: AppSpec, at: readonly string[]): Fault[] {
  if (app.sloMinMs > app.sloMaxMs) return [{ path: [...at, 'slo_min_ms'], message: `${app.sloMinMs} is above slo_max_ms, ${app.sloMaxMs}` }];
  if (app.sloMs >= app.sloMinMs && app.sloMs <= app.sloMaxMs) return [];
  return [{ path: [...at, 'slo_ms'], message: `is ${app.sloMs}`, expected: `from slo_min_ms, ${app.sloMinMs}, to slo_max_ms, ${app.sloMaxMs}` }];
}
