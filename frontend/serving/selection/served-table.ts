import type { Dtype } from '../../../protos/dtype.ts';
import type { TensorSpec } from '../../../protos/wire.ts';
import type { Directory } from '../../dispatch/directory.ts';
import type { ModelQueue } from '../../dispatch/model-queue.ts';
import { readArm } from '../../domain/arm.ts';
import { modelKey, type AppSpec, type DesiredState, type ModelSpec, type OutputKind } from '../../domain/model.ts';
import type { AppView } from '../../domain/ports.ts';
import { isServedMiss, type Served, type ServedDirectory, type ServedMiss, type ServedOutputs, type ServedVersion } from '../../domain/served.ts';
import type { AppTable } from './app-table.ts';
import type { App } from './app.ts';

/** The version of an app that has no namesake among the models. */
const APP_VERSION = 1;
const NO_NAME: ServedMiss = Object.freeze({ missing: 'name' });
const NO_VERSION: ServedMiss = Object.freeze({ missing: 'version' });
const NO_GUARDS: readonly AppSpec[] = Object.freeze([]);
const NO_LABELS: ReadonlyMap<string, number> = new Map();
/** Names, with and without versions, that are remembered until something changes. */
const MOST_KNOWN = 4096;

/** What names mean to the doors of foreign protocols (frontend/domain/served.ts has the rules), kept until the directory changes. */
export class ServedTable implements ServedDirectory {
  readonly #apps: AppTable;
  readonly #directory: Directory;
  #desired: Pick<DesiredState, 'models' | 'labels' | 'apps'> = { models: {}, labels: {}, apps: {} };
  #revision = -1;
  readonly #known = new Map<string, Served>();
  /** Views outlive a change in which they stay the same: doors keep what they made of them. */
  #views = new Map<string, AppView>();

  constructor(apps: AppTable, directory: Directory) {
    this.#apps = apps;
    this.#directory = directory;
  }

  /** After the directory and the apps have been told. */
  apply(desired: DesiredState): void {
    this.#desired = desired;
    this.#revision = -1;
    this.#views = new Map();
  }

  find(name: string, which?: number | string): Served | ServedMiss {
    if (this.#revision !== this.#directory.revision) {
      this.#revision = this.#directory.revision;
      this.#known.clear();
    }
    const key = which === undefined ? name : typeof which === 'number' ? `${name}@${which}` : `${name}@@${which}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const found = this.#look(name, which);
    if (!isServedMiss(found)) {
      if (this.#known.size >= MOST_KNOWN) this.#known.clear();
      this.#known.set(key, found);
    }
    return found;
  }

  list(): readonly Served[] {
    const names = new Set([...Object.keys(this.#desired.apps), ...Object.values(this.#desired.models).map((spec) => spec.name)]);
    return [...names].map((name) => this.find(name)).filter((found): found is Served => !isServedMiss(found));
  }

  #look(name: string, which: number | string | undefined): Served | ServedMiss {
    const versions = this.#directory.versionsOf(name);
    const app = this.#apps.get(name);
    if (app !== undefined && this.#desired.apps[name] !== undefined && (which === undefined || versions.length === 0)) {
      return which === undefined || which === APP_VERSION ? this.#app(app, versions) : NO_VERSION;
    }
    return versions.length === 0 ? NO_NAME : this.#model(name, versions, which);
  }

  #app(app: App, versions: readonly number[]): Served {
    const { name, output } = app.spec;
    const queues = app.arms.map(({ queue }) => queue).filter((queue) => queue !== undefined);
    const [first] = queues;
    const ready = queues.some((queue) => queue.replicas.length > 0);
    return {
      name, kind: 'app', view: app.view, guards: app.spec.access === undefined ? NO_GUARDS : [app.spec], version: APP_VERSION, ready,
      versions: versions.length === 0 ? [{ version: APP_VERSION, ready }] : this.#versions(name, versions),
      labels: versions.length === 0 ? NO_LABELS : this.#labels(name),
      outputs: this.#appOutputs(output, queues), maxBatch: first?.spec.batching.maxBatch ?? 1, platform: platformOf(first?.spec),
    };
  }

  #model(name: string, versions: readonly number[], which: number | string | undefined): Served | ServedMiss {
    const queue = this.#directory.resolve({ model: name, ...(which === undefined ? {} : typeof which === 'number' ? { version: which } : { label: which }) });
    const app = this.#apps.implicit(name);
    if (queue === undefined || app === undefined) return NO_VERSION;
    const signature = this.#directory.signature(queue.key);
    const { spec } = queue;
    return {
      name, kind: 'model', view: this.#view(app, queue.key, signature?.inputs ?? spec.input), guards: this.#guards(name), pin: { model: name, ...(which === undefined ? {} : { version: which }) },
      version: spec.version, versions: this.#versions(name, versions), labels: this.#labels(name), ready: queue.replicas.length > 0,
      outputs: signature === undefined ? undefined : { kind: 'raw', tensors: signature.outputs, ...classNamesOf(spec), model: spec.output },
      maxBatch: spec.batching.maxBatch, platform: platformOf(spec),
    };
  }

  /** The implicit app as it is for one of the model's versions, whose inputs are its own. */
  #view(app: App, key: string, inputs: readonly TensorSpec[] | undefined): AppView {
    const known = this.#views.get(key);
    if (known !== undefined && known.spec === app.spec && JSON.stringify(known.inputs) === JSON.stringify(inputs)) return known;
    const view = { spec: app.spec, inputs };
    this.#views.set(key, view);
    return view;
  }

  #guards(model: string): readonly AppSpec[] {
    const apps = Object.values(this.#desired.apps).filter(({ arms }) => arms.some((arm) => readArm(arm).model === model));
    return apps.every(({ access }) => access !== undefined) ? apps : NO_GUARDS;
  }

  #versions(name: string, versions: readonly number[]): ServedVersion[] {
    return versions.toReversed().map((version) => ({ version, ready: (this.#directory.queue(modelKey(name, version))?.replicas.length ?? 0) > 0 }));
  }

  #labels(name: string): ReadonlyMap<string, number> {
    const labels = this.#desired.labels[name];
    return labels === undefined ? NO_LABELS : new Map(Object.entries(labels));
  }

  #appOutputs(kind: OutputKind, queues: readonly ModelQueue[]): ServedOutputs | undefined {
    const [first] = queues;
    if (first === undefined) return undefined;
    const outputs = this.#directory.signature(first.key)?.outputs;
    if (kind === 'raw') return outputs === undefined ? undefined : { kind, tensors: outputs, ...classNamesOf(first.spec) };
    const named = outputs?.find((tensor) => tensor.name === first.spec.output.name) ?? outputs?.[0];
    return { kind, tensors: [tensorOf(kind, first.spec, named)], ...classNamesOf(first.spec) };
  }
}

/** What an app's answers of this kind look like, from one of its arms. */
function tensorOf(kind: Exclude<OutputKind, 'raw'>, { output }: ModelSpec, own: TensorSpec | undefined): TensorSpec {
  switch (kind) {
    case 'label': return { name: 'label', dtype: output.classNames !== undefined || (output.kind === 'label' && own?.dtype === 'bytes') ? 'bytes' : 'int64', shape: [] };
    case 'value': return { name: 'value', dtype: 'float64', shape: [] };
    case 'probabilities': case 'logits': return { name: kind, dtype: floatOf(own?.dtype), shape: [output.classNames?.length ?? own?.shape.at(-1) ?? -1] };
  }
}

function floatOf(dtype: Dtype | undefined): Dtype {
  return dtype === 'float64' ? dtype : 'float32';
}

function classNamesOf({ output }: ModelSpec): { classNames?: readonly string[] } {
  return output.classNames === undefined ? {} : { classNames: output.classNames };
}

function platformOf(spec: ModelSpec | undefined): string {
  if (spec === undefined) return '';
  return spec.container.kind === 'builtin' ? spec.container.name : spec.container.kind;
}
