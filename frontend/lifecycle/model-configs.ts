import type { Failure } from '../domain/answer.ts';
import type { Deed } from '../domain/audit.ts';
import { modelKey, NAME_REGEXP, type DesiredState, type ModelRules, type ModelSpec, type VersionPolicy } from '../domain/model.ts';
import type { ChangeResult } from './desired-state-owner.ts';

/** What is needed of the owner of desired state. */
export interface ModelOwner {
  readonly current: DesiredState;
  putRules(model: string, rules: ModelRules | undefined, options: { readonly by?: Deed }): Promise<ChangeResult>;
  putLabel(model: string, label: string, version: number, options: { readonly by?: Deed }): Promise<ChangeResult>;
  deleteLabel(model: string, label: string, options: { readonly by?: Deed }): Promise<ChangeResult>;
}

/** Loads and unloads a model whole. */
export interface ModelLoader {
  load(model: string, who: string): Promise<Failure | undefined>;
  unload(model: string, who: string): Promise<Failure | undefined>;
}

/** One model as somebody else's configuration has it. */
interface Configured {
  readonly name: string;
  readonly basePath: string;
  readonly versions: VersionPolicy | undefined;
  readonly labels: ReadonlyMap<string, number>;
}

/**
 * Carries out configurations that name all models there are to be. Only models that are known here can be named: files and
 * programs come by the broker's own ways. What is wrong is found before anything changes; the changes then come one after
 * another, those that take something away last.
 */
export class ModelConfigs {
  readonly #owner: ModelOwner;
  readonly #loader: ModelLoader;

  constructor({ owner, loader }: { owner: ModelOwner; loader: ModelLoader }) {
    this.#owner = owner;
    this.#loader = loader;
  }

  async reload(models: readonly Configured[], who: string): Promise<Failure | undefined> {
    const wrong = this.#fault(models);
    if (wrong !== undefined) return wrong;
    for (const model of models) {
      const failure = await this.#configure(model, who) ?? await this.#loader.load(model.name, who) ?? await this.#label(model, who);
      if (failure !== undefined) return failure;
    }
    const named = new Set(models.map(({ name }) => name));
    for (const name of new Set(Object.values(this.#owner.current.models).map((spec) => spec.name))) {
      const failure = named.has(name) ? undefined : await this.#loader.unload(name, who);
      if (failure !== undefined) return failure;
    }
    return undefined;
  }

  #fault(models: readonly Configured[]): Failure | undefined {
    // It would unload everything, and is sooner a mistake.
    if (models.length === 0) return { code: 'invalid_config', message: 'The config list names no model.' };
    for (const [i, { name, basePath, versions, labels }] of models.entries()) {
      if (models.findIndex((other) => other.name === name) !== i) return { code: 'invalid_config', message: `Illegal to list model ${name} multiple times in config list` };
      const known = this.#versionsOf(name);
      if (known.length === 0) return this.#unknown(name);
      if (!known.every((spec) => isBelow(spec.path, basePath))) return { code: 'invalid_config', message: `The versions of model ${name} do not lie in ${basePath}.` };
      const policy = typeof versions === 'object' ? ('latest' in versions ? [versions.latest] : versions.specific) : [];
      if (policy.some((number) => number < 1)) return { code: 'invalid_config', message: `The version policy of model ${name} has a number below 1.` };
      for (const [label, version] of labels) {
        if (!NAME_REGEXP.test(label) || /^\d+$/.test(label)) return { code: 'invalid_config', message: `Label ${label.slice(0, 64)} of model ${name} is no name for a label here.` };
        if (this.#owner.current.models[modelKey(name, version)] === undefined) return { code: 'unknown_version', message: `Label ${label} of model ${name} points at version ${version}, which is not known here.` };
      }
    }
    return undefined;
  }

  /** Clients find apps among the models, and may think that they are configured as well. */
  #unknown(name: string): Failure {
    const app = this.#owner.current.apps[name];
    return { code: 'unknown_model', message: app === undefined
      ? `Model ${name} is not known here; new models come from the configuration file, admin or a source.`
      : `${name} is an app here, which runs nothing of its own: configure its arms, ${app.arms.join(', ')}.` };
  }

  async #configure({ name, versions }: Configured, who: string): Promise<Failure | undefined> {
    if (versions === undefined) return undefined;
    return refusal(await this.#owner.putRules(name, { ...this.#owner.current.rules?.[name], versions }, deed(who, `configure ${name}`)));
  }

  async #label({ name, labels }: Configured, who: string): Promise<Failure | undefined> {
    const before = this.#owner.current.labels[name] ?? {};
    for (const [label, version] of labels) {
      const failure = before[label] === version ? undefined : refusal(await this.#owner.putLabel(name, label, version, deed(who, `label ${name}@${label}`)));
      if (failure !== undefined) return failure;
    }
    for (const label of Object.keys(before)) {
      const failure = labels.has(label) ? undefined : refusal(await this.#owner.deleteLabel(name, label, deed(who, `unlabel ${name}@${label}`)));
      if (failure !== undefined) return failure;
    }
    return undefined;
  }

  #versionsOf(name: string): readonly ModelSpec[] {
    return Object.values(this.#owner.current.models).filter((spec) => spec.name === name);
  }
}

/** Nothing said of where, or nothing known, is no contradiction. */
function isBelow(path: string | undefined, base: string): boolean {
  return base === '' || path === undefined || path.startsWith(base.endsWith('/') ? base : `${base}/`);
}

function deed(who: string, what: string): { readonly by: Deed } {
  return { by: { who, what } };
}

function refusal(result: ChangeResult): Failure | undefined {
  return result.ok ? undefined : { code: result.error.code, message: result.error.message };
}
