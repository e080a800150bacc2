import type { TensorSpec } from '../../protos/wire.ts';
import type { AppSpec, OutputKind } from './model.ts';
import type { AppView } from './ports.ts';
import type { Pin } from './query.ts';

/**
 * "An app is a model too": how the doors of the field's protocols, which know models only, find what a name means. Apps stand
 * under their own names; a model under its own as an implicit app: one arm, no default, the objective that its `slo_ms` states
 * or `IMPLICIT_SLO_MS`, raw outputs, every query pinned (mode `pinned`: it teaches nothing).
 *
 * Where an app and a model have one name: the bare name is the app; the name with a version or a label is the model. An app
 * that has no namesake among the models has one version, 1, which is the app itself, and no labels.
 */
export interface ServedDirectory {
  /**
   * What a name means now, with a version (a number) or a label (text) where the caller gave one. The same object as long as
   * nothing about it changes: doors may key caches on it, or on its `view`.
   */
  find(name: string, which?: number | string): Served | ServedMiss;
  /** Every name, apps first, each once: what `find(name)` gives. */
  list(): readonly Served[];
}

/** There is no such name, or it has no such version or label. */
export interface ServedMiss {
  readonly missing: 'name' | 'version';
}

export function isServedMiss(found: Served | ServedMiss): found is ServedMiss {
  return 'missing' in found;
}

/** The objective of a query that names a model which states none. */
export const IMPLICIT_SLO_MS = 1_000;

/** One name as foreign protocols see it. A query for it is parsed for `view`, has `app: view.spec.name` and this `pin`. */
export interface Served {
  readonly name: string;
  readonly kind: 'app' | 'model';
  readonly view: AppView;
  /**
   * Apps of which the caller must have access to one (`guarded` in frontend/protocols/ask.ts); none: everybody may ask. Of a
   * model: the apps that have it as an arm, where every one of them asks for a token.
   */
  readonly guards: readonly AppSpec[];
  /** Which arm the caller chose by naming it; absent where the app's policy chooses. */
  readonly pin?: Pin;
  /** The one version that was asked for, or that the bare name of a model means now; 1 for an app. */
  readonly version: number;
  /** All that may be asked for under this name, rising. */
  readonly versions: readonly ServedVersion[];
  /** label → version. */
  readonly labels: ReadonlyMap<string, number>;
  /** A query that comes now finds a replica: of any arm of an app. */
  readonly ready: boolean;
  readonly outputs: ServedOutputs | undefined;
  /** Most rows of one batch: what the configuration says; a query may have more. */
  readonly maxBatch: number;
  /** Of the version that is meant (of an app: of its first arm): `onnx`, `synthetic`, `command` …; empty where there is none. */
  readonly platform: string;
}

export interface ServedVersion {
  readonly version: number;
  readonly ready: boolean;
}

/** Of a version that cannot answer: it is on its way, nobody wants it to run, or its replicas die again and again, and why. */
export type Unready = { readonly kind: 'coming' | 'unloaded' } | { readonly kind: 'failing'; readonly reason: string };

/** What there is to say of a version that is not `ready`; of an app, of its arms. */
export type WhyUnready = (name: string, version: number) => Unready;

/**
 * What answers hold, in order, shapes of one row. A label is one tensor `label`, `bytes` where the classes have names and
 * `int64` where they are numbers; a value is `value`, `float64`; probabilities and logits are one tensor of that name; raw
 * outputs are the model's own.
 */
export interface ServedOutputs {
  readonly kind: OutputKind;
  readonly tensors: readonly TensorSpec[];
  /** One word a class, in index order, where the model's output has them. */
  readonly classNames?: readonly string[];
  /** Where a model is asked by its own name, and so gives raw outputs: what they mean, and which of them (absent: the only one). */
  readonly model?: { readonly kind: OutputKind; readonly name?: string };
}
