import type { Entry } from '../../selection-policies/catalog.ts';
import { diffDesired, isUnchanged } from '../control/desired-diff.ts';
import type { DesiredDiff } from '../control/desired-diff.ts';
import { desiredFaults } from '../control/desired-faults.ts';
import { flat, mergeFile, mergeSource, nested } from '../control/desired-merge.ts';
import { heldNames, type HeldName } from '../control/held-names.ts';
import { rolledBack, withFormer } from '../control/label-history.ts';
import { acceptable, changedNames, type SourceRefusal } from '../control/source-merge.ts';
import { keptSteering, steered, steeringFaults } from '../control/steering.ts';
import type { Deed } from '../domain/audit.ts';
import { BrokerError } from '../domain/errors.ts';
import type { ErrorCode } from '../domain/errors.ts';
import { pathText } from '../domain/fault.ts';
import type { Fault } from '../domain/fault.ts';
import { dialledAddresses, modelKey, nameRecord } from '../domain/model.ts';
import type { AppSpec, DesiredState, ModelKey, ModelRules, ModelSpec, Steering, WantedState } from '../domain/model.ts';
import type { Aspired } from '../domain/source.ts';
import type { StateStore } from '../domain/state-store.ts';

export interface DesiredStateOwnerOptions {
  readonly store: StateStore;
  /** Carries out what is wanted; called after each change that was saved, one call at a time. */
  readonly apply: (desired: DesiredState) => void | Promise<void>;
  /** Whether a version has a ready replica: only then may admin point a label at it. */
  readonly isReady: (key: ModelKey) => boolean;
  /** The policies that apps may name; those of the catalog unless given. */
  readonly policies?: ReadonlyMap<string, Entry>;
}

/** How a change is asked for. */
export interface ChangeOptions {
  /** The etag that the caller knows; `*` or absent: whatever it is now. */
  readonly ifMatch?: string;
  /** Only say what would happen. */
  readonly dryRun?: boolean;
  /** Who asks for it; absent: the broker itself. Kept with the change. */
  readonly by?: Deed;
}

export interface Changed {
  readonly revision: number;
  readonly etag: string;
  readonly dryRun: boolean;
  readonly diff: DesiredDiff;
  /** What of it the configuration file or a source says anew when it speaks again, whoever says it now. */
  readonly held?: readonly HeldName[];
}

/** A change that was refused, whole, comes as a `BrokerError`: nothing was saved, nothing is different. */
export type ChangeResult = { readonly ok: true; readonly changed: Changed } | { readonly ok: false; readonly error: BrokerError };

const BROKER: Deed = Object.freeze({ who: 'broker', what: 'change' });

type Wanted = { -readonly [K in 'models' | 'labels' | 'apps']: WantedState[K] };
type Edit = (current: DesiredState) => DesiredState | BrokerError;

/**
 * The one writer of desired state. Changes are made one after another: checked as a whole, saved durably, then carried
 * out. What equals the present state is neither saved nor carried out, and keeps its revision.
 */
export class DesiredStateOwner {
  readonly #options: DesiredStateOwnerOptions;
  #current: DesiredState;
  #last: Promise<unknown> = Promise.resolve();
  /** What each source said last, as far as it was taken. */
  readonly #said = new Map<string, Aspired>();

  private constructor(options: DesiredStateOwnerOptions, stored: DesiredState) {
    this.#options = options;
    this.#current = stored;
  }

  /** Loads what is stored; `applyFile` comes next, at start, and carries the whole out. */
  static async open(options: DesiredStateOwnerOptions): Promise<DesiredStateOwner> {
    return new DesiredStateOwner(options, await options.store.loadDesired());
  }

  get current(): DesiredState {
    return this.#current;
  }

  get etag(): string {
    return etagOf(this.#current.revision);
  }

  /** The configuration file speaks: merged by the rule of `mergeFile`. `always` carries the whole out even where nothing changed. */
  applyFile(wanted: WantedState, options: ChangeOptions & { readonly always?: boolean } = {}): Promise<ChangeResult> {
    return this.#change(options, (current) => this.#sourcesAgain(mergeFile(current, wanted)), 'invalid_config');
  }

  /**
   * The source in `folder` speaks: `wanted` is all that it holds. A model of which what it says cannot be is left as it was,
   * and named in `refused`; the others are taken.
   */
  async applySource(folder: string, wanted: Aspired): Promise<{ readonly refused: readonly SourceRefusal[]; readonly result: ChangeResult }> {
    let taken: ReturnType<typeof acceptable> = { wanted, refused: [] };
    const result = await this.#change({}, (current) => {
      if (current.sources?.some((source) => source.folder === folder) !== true) return current;
      const before = this.#said.get(folder);
      taken = acceptable(current, { folder, wanted, before }, (state) => desiredFaults(state, this.#options.policies));
      return mergeSource(current, folder, taken.wanted, before === undefined ? undefined : changedNames(before, taken.wanted));
    }, 'invalid_config');
    if (result.ok) this.#said.set(folder, taken.wanted);
    return { refused: taken.refused, result };
  }

  /** How the versions of a model come, go and share traffic; undefined: as they do where nobody says anything. */
  putRules(model: string, rules: ModelRules | undefined, options: ChangeOptions = {}): Promise<ChangeResult> {
    return this.#change(options, (current) => {
      const missing = missingModel(current, model);
      if (missing !== undefined) return missing;
      const { rules: before, ...rest } = current;
      const others = Object.entries(before ?? {}).filter(([name]) => name !== model);
      const all = rules === undefined ? others : [...others, [model, rules] as const];
      return all.length === 0 ? rest : { ...rest, rules: nameRecord(all) };
    }, 'invalid_config');
  }

  /** The label goes back to where it pointed before, if that version is still ready. */
  rollback(model: string, label: string, options: ChangeOptions = {}): Promise<ChangeResult> {
    return this.#change(options, (current) => {
      if (current.labels[model]?.[label] === undefined) return missingLabel(current, model, label);
      const former = current.former?.[`${model}@${label}`] ?? [];
      return rolledBack(current, { model, label }, this.#options.isReady) ?? new BrokerError('not_ready', former.length === 0
        ? `${model}@${label} has pointed at no other version that is still known.`
        : `None of the versions that ${model}@${label} pointed at before (${former.join(', ')}) is ready.`);
    }, 'invalid_config');
  }

  putModel(spec: ModelSpec, options: ChangeOptions = {}): Promise<ChangeResult> {
    return this.#change(options, (current) => edited(current, (wanted) => {
      wanted.models = nameRecord([...entries(wanted.models), [modelKey(spec.name, spec.version), spec]]);
    }), 'invalid_config');
  }

  deleteModel(model: string, version: number, options: ChangeOptions = {}): Promise<ChangeResult> {
    const key = modelKey(model, version);
    return this.#change(options, (current) => (current.models[key] === undefined ? missingVersion(current, model, version) : edited(current, (wanted) => {
      wanted.models = nameRecord(entries(wanted.models).filter(([name]) => name !== key));
    })), 'in_use');
  }

  setReplicas(model: string, version: number, replicas: number, options: ChangeOptions = {}): Promise<ChangeResult> {
    const key = modelKey(model, version);
    return this.#change(options, (current) => {
      const spec = current.models[key];
      if (spec === undefined) return missingVersion(current, model, version);
      if (dialledAddresses(spec.container) !== undefined) return new BrokerError('invalid_config', `${key} is dialled: it has one replica for each address.`, { path: 'replicas' });
      return edited(current, (wanted) => {
        wanted.models = nameRecord([...entries(wanted.models), [key, { ...spec, replicas }]]);
      });
    }, 'invalid_config');
  }

  putApp(spec: AppSpec, options: ChangeOptions = {}): Promise<ChangeResult> {
    return this.#change(options, (current) => edited(current, (wanted) => {
      wanted.apps = nameRecord([...Object.entries(wanted.apps), [spec.name, spec]]);
    }), 'invalid_config');
  }

  deleteApp(name: string, options: ChangeOptions = {}): Promise<ChangeResult> {
    return this.#change(options, (current) => (current.apps[name] === undefined ? new BrokerError('unknown_app', `There is no app "${name}".`) : edited(current, (wanted) => {
      wanted.apps = nameRecord(Object.entries(wanted.apps).filter(([other]) => other !== name));
    })), 'in_use');
  }

  /** The operator's hands on the selection of an app, all of them; none: the policy chooses alone. */
  steer(app: string, steering: Steering, options: ChangeOptions = {}): Promise<ChangeResult> {
    return this.#change(options, (current) => {
      const spec = current.apps[app];
      if (spec === undefined) return new BrokerError('unknown_app', `There is no app "${app}".`);
      const faults = steeringFaults(spec, steering);
      if (faults.length > 0) return new BrokerError('invalid_config', undefined, { details: shownFaults(faults) });
      const { steering: before, ...rest } = current;
      return { ...rest, ...keptSteering(steered(before, app, steering), current.apps) };
    }, 'invalid_config');
  }

  putLabel(model: string, label: string, version: number, options: ChangeOptions = {}): Promise<ChangeResult> {
    const key = modelKey(model, version);
    return this.#change(options, (current) => {
      if (current.models[key] === undefined) return missingVersion(current, model, version);
      if (!this.#options.isReady(key)) return new BrokerError('not_ready', `${key} has no ready replica; a label points only at a version that is ready.`);
      return edited(current, (wanted) => {
        wanted.labels = nested([...Object.entries(flat(wanted.labels)).filter(([name]) => name !== `${model}@${label}`), [`${model}@${label}`, version]]);
      });
    }, 'invalid_config');
  }

  deleteLabel(model: string, label: string, options: ChangeOptions = {}): Promise<ChangeResult> {
    const name = `${model}@${label}`;
    return this.#change(options, (current) => (flat(current.labels)[name] === undefined ? missingLabel(current, model, label) : edited(current, (wanted) => {
      wanted.labels = nested(Object.entries(flat(wanted.labels)).filter(([other]) => other !== name));
    })), 'in_use');
  }

  /** Once every change asked for so far is over. */
  async settled(): Promise<void> {
    await this.#last;
  }

  /** After the file, the sources say again what they hold. */
  #sourcesAgain(merged: DesiredState): DesiredState {
    const folders = new Set((merged.sources ?? []).map(({ folder }) => folder));
    return [...this.#said].filter(([folder]) => folders.has(folder)).reduce((state, [folder, wanted]) => mergeSource(state, folder, wanted), merged);
  }

  #change(options: ChangeOptions & { readonly always?: boolean }, edit: Edit, refusal: ErrorCode): Promise<ChangeResult> {
    const result = this.#last.then(() => this.#perform(options, edit, refusal));
    this.#last = result.catch(() => undefined);
    return result;
  }

  async #perform({ ifMatch, dryRun = false, always = false, by = BROKER }: ChangeOptions & { readonly always?: boolean }, edit: Edit, refusal: ErrorCode): Promise<ChangeResult> {
    const before = this.#current;
    if (ifMatch !== undefined && !matches(ifMatch, before.revision)) return refused(new BrokerError('stale_etag', `The state is at ${etagOf(before.revision)}, not at ${ifMatch}.`));
    const after = edit(before);
    if (after instanceof BrokerError) return refused(after);
    const faults = desiredFaults(after, this.#options.policies);
    if (faults.length > 0) return refused(new BrokerError(refusal, undefined, { details: shownFaults(faults) }));
    const diff = diffDesired(before, after);
    const isNew = !isUnchanged(diff) || !isSameOrigin(before, after);
    const next: DesiredState = isNew ? { ...after, revision: before.revision + 1 } : before;
    if (!dryRun) {
      if (isNew && (await this.#options.store.saveDesired(before.revision, next, { ...by, detail: { revision: next.revision, ...diff } })) === 'stale') {
        return refused(new BrokerError('stale_etag', 'Another writer changed the durable state; start the broker again to read it.'));
      }
      this.#current = next;
      for (const folder of this.#said.keys()) if (next.sources?.some((source) => source.folder === folder) !== true) this.#said.delete(folder);
      if (isNew || always) await this.#options.apply(next);
    }
    return { ok: true, changed: { revision: next.revision, etag: etagOf(next.revision), dryRun, diff, held: heldNames(before, after, diff) } };
  }
}

function shownFaults(faults: readonly Fault[]): readonly object[] {
  return faults.map(({ path, ...fault }) => ({ path: pathText(path), ...fault }));
}

function etagOf(revision: number): string {
  return `"${revision}"`;
}

/** `If-Match` (RFC 9110 §13.1.1): a list of etags, or `*`. Weak ones never match. */
function matches(ifMatch: string, revision: number): boolean {
  return ifMatch.split(',').some((tag) => tag.trim() === '*' || tag.trim() === etagOf(revision));
}

function edited(current: DesiredState, edit: (wanted: Wanted) => void): DesiredState {
  const wanted: Wanted = { models: current.models, labels: current.labels, apps: current.apps };
  edit(wanted);
  const { steering, ...rest } = current;
  return withFormer(current, { ...rest, ...wanted, ...keptSteering(steering, wanted.apps) });
}

function entries(models: WantedState['models']): [ModelKey, ModelSpec][] {
  return Object.entries(models) as [ModelKey, ModelSpec][];
}

function missingVersion(current: DesiredState, model: string, version: number): BrokerError {
  return missingModel(current, model) ?? new BrokerError('unknown_version', `${model} has no version ${version}.`);
}

function missingLabel(current: DesiredState, model: string, label: string): BrokerError {
  return missingModel(current, model) ?? new BrokerError('unknown_version', `${model} has no label "${label}".`);
}

function missingModel(current: DesiredState, model: string): BrokerError | undefined {
  return Object.values(current.models).some((spec) => spec.name === model) ? undefined : new BrokerError('unknown_model', `There is no model "${model}".`);
}

function isSameOrigin(a: DesiredState, b: DesiredState): boolean {
  return JSON.stringify([a.fromFile, a.fromSources]) === JSON.stringify([b.fromFile, b.fromSources]);
}

function refused(error: BrokerError): ChangeResult {
  return { ok: false, error };
}
