import { isotonic, readConfidence, type Calibration } from '../../../selection-policies/calibration.ts';
import type { Arm, Context, Estimate, Policy } from '../../../selection-policies/policy.ts';
import type { Directory, QueueShare } from '../../dispatch/directory.ts';
import type { ModelQueue } from '../../dispatch/model-queue.ts';
import type { TensorSpec } from '../../../protos/wire.ts';
import { appOfArm, readArm, type ArmName } from '../../domain/arm.ts';
import type { CellsSnapshot, KeyCellsView } from '../../domain/cells.ts';
import type { Micros } from '../../domain/clock.ts';
import { learnsByKey } from '../../domain/context-key.ts';
import type { AppSpec, Steering } from '../../domain/model.ts';
import { outputReader, type OutputReader } from '../../domain/output.ts';
import type { AppView } from '../../domain/ports.ts';
import type { SlabPool } from '../../domain/slabs.ts';
import type { AppMeters } from './app-meters.ts';
import { ArmMask } from './arm-mask.ts';
import { KeyedPlanners } from './keyed-planners.ts';
import { Planner, type Planned } from './planner.ts';
import { shapeOf } from './plan-shape.ts';
import { appFingerprint } from '../decisions/receipt.ts';
import { InnerArm, type ArmTarget, type InnerAsker } from './arm-target.ts';

/** An arm of an app: how it is written, and whom it means now. */
export interface ResolvedArm {
  readonly arm: Arm;
  /** Of an arm that is an app: `{ model: 'app:…' }`, which is no model's name. */
  readonly name: ArmName;
  /** The model version that it means; of an app, what the first of its arms means. */
  readonly queue: ModelQueue | undefined;
  /** Whom it asks; undefined for nobody. */
  readonly target: ArmTarget | undefined;
  /** Whom it asks instead, by the query's luck, where the traffic of its model is split. */
  readonly split?: readonly QueueShare[];
}

/** Other apps, for arms that are apps. */
export interface OtherApps {
  /** Rises when an app comes, goes or changes. */
  revision(): number;
  get(name: string): App | undefined;
  readonly asker: InnerAsker;
}

export interface AppParts {
  readonly directory: Directory;
  readonly slabs: SlabPool;
  /** Guarded as far as selection needs it; its `contribution` may throw. */
  readonly policy: Policy;
  readonly cells: () => CellsSnapshot;
  /** Absent: what is learned is learned of all callers together. */
  readonly keys?: Pick<KeyCellsView, 'ofKey' | 'held'>;
  readonly epochOffsetMicros: number;
  readonly meters: AppMeters;
  readonly others: OtherApps;
  readonly isModel?: boolean;
}

const NO_STEERING: Steering = Object.freeze({});

/** An app with all that selection needs, kept from query to query and resolved anew when the directory changes. */
export class App {
  readonly spec: AppSpec;
  readonly fingerprint: Uint8Array;
  readonly meters: AppMeters;
  /** It is what a model is by itself, and nobody's app. */
  readonly isModel: boolean;
  /** What happens to arms, by their place in the spec. */
  readonly mask = new ArmMask();
  readonly #parts: AppParts;
  readonly #names: readonly { readonly arm: Arm; readonly name: ArmName }[];
  readonly #readers = new Map<ArmTarget, OutputReader>();
  #steering = NO_STEERING;
  #planner: Planner;
  #keyed: KeyedPlanners | undefined;
  #revision = -1;
  #arms: readonly ResolvedArm[] = [];
  #isSplit = false;
  #view: AppView;
  #calibrated: { readonly version: number; readonly calibration: Calibration } | undefined;

  constructor(spec: AppSpec, parts: AppParts) {
    this.spec = spec;
    // Policies get them to read: one that writes to them would change whom a reward is for.
    Object.freeze(spec.arms);
    this.meters = parts.meters;
    this.fingerprint = appFingerprint(spec.name, JSON.stringify(spec));
    this.isModel = parts.isModel === true;
    this.#parts = parts;
    this.#names = spec.arms.map((arm) => ({ arm, name: readArm(arm) }));
    this.#view = { spec, inputs: undefined };
    [this.#planner, this.#keyed] = this.#newPlanners();
  }

  /** As a door sees it: the same object until its inputs change. */
  get view(): AppView {
    this.#refresh();
    return this.#view;
  }

  get arms(): readonly ResolvedArm[] {
    this.#refresh();
    return this.#arms;
  }

  /** Some arm of it could be asked now. */
  get ready(): boolean {
    this.#refresh();
    return this.#healthy().includes(true);
  }

  /** What its quickest arm takes for a row that is sent alone, in the mean: what it can do where it must. */
  get loneMicros(): Micros {
    const open = this.arms.filter((_, i) => this.#healthy()[i] === true);
    return open.length === 0 ? 0 : Math.min(...open.map(({ target }) => target?.loneMicros ?? 0));
  }

  /** Those of its arms, which share them. */
  get classNames(): readonly string[] | undefined {
    return this.arms.find(({ queue }) => queue !== undefined)?.queue?.spec.output.classNames;
  }

  /** The traffic of some arm's model is split over its versions. */
  get isSplit(): boolean {
    return this.#isSplit;
  }

  get policy(): Policy {
    return this.#parts.policy;
  }

  /** Rewards are kept, and teach nothing. */
  get frozen(): boolean {
    return this.#steering.frozen === true;
  }

  get steering(): Steering {
    return this.#steering;
  }

  /** The operator's hands, from now on. Whether they are others than before. */
  steer(steering: Steering = NO_STEERING): boolean {
    if (JSON.stringify(steering) === JSON.stringify(this.#steering)) return false;
    this.#steering = steering;
    [this.#planner, this.#keyed] = this.#newPlanners();
    this.meters.steered(new Set(Object.keys(steering)));
    return true;
  }

  /**
   * Whom a query may be sent to, and with which probabilities; undefined where nobody can be asked. `key` is the hash of its
   * context key, where it has one.
   */
  plan(context: Context, sloMicros: Micros, now: Micros, key?: Uint8Array): Planned | undefined {
    this.#refresh();
    const mask = this.mask.of(this.#objective(sloMicros), now);
    return mask === undefined ? undefined : this.#plannerOf(key, now).plan(mask, context, now);
  }

  /** The plan of a query without a context, of the app's own objective, for who only looks. */
  shown(now: Micros, key?: Uint8Array): Planned | undefined {
    this.#refresh();
    const mask = this.mask.shown(this.#objective(this.spec.sloMs * 1000), now);
    return mask === undefined ? undefined : this.#plannerOf(key, now).plan(mask, undefined, now);
  }

  /** What an arm must fit: whoever waits takes any. */
  #objective(sloMicros: Micros): Micros {
    return this.spec.onMiss === 'wait' ? Number.POSITIVE_INFINITY : sloMicros;
  }

  /** What is believed of each arm, in their order; of one context key where one is given. */
  estimates(now: Micros, key?: Uint8Array): readonly (Estimate | undefined)[] {
    return this.#plannerOf(key, now).estimates(now);
  }

  /** How many rewards what is known of all is worth to one context key; undefined where keys have no state of their own. */
  get keyStrength(): number | undefined {
    return this.#keyed?.strength;
  }

  #plannerOf(key: Uint8Array | undefined, now: Micros): Planner {
    return key === undefined || this.#keyed === undefined ? this.#planner : this.#keyed.of(key, now);
  }

  /** From the confidence that arms agree with to the share of such answers that were right, by what was said of them. */
  calibrate(confidence: number): number {
    const { cells, version } = this.#parts.cells();
    if (this.#calibrated?.version !== version) this.#calibrated = { version, calibration: isotonic(readConfidence(cells)) };
    return this.#calibrated.calibration(confidence);
  }

  reader(target: ArmTarget): OutputReader {
    let reader = this.#readers.get(target);
    if (reader === undefined) {
      reader = outputReader(target.spec.output, this.spec.output, this.#parts.slabs);
      this.#readers.set(target, reader);
    }
    return reader;
  }

  #newPlanners(): [Planner, KeyedPlanners | undefined] {
    const { policy, cells, keys, epochOffsetMicros } = this.#parts;
    const parts = {
      policy, epochOffsetMicros, arms: this.spec.arms, steering: this.#steering,
      parentOf: (arm: Arm) => this.#parentOf(arm), shape: shapeOf(this.spec), shadow: [...new Set([...this.spec.shadow ?? [], ...this.#steering.shadow ?? []])],
    };
    const parent = new Planner({ ...parts, cells });
    return [parent, keys === undefined || !learnsByKey(this.spec) ? undefined : new KeyedPlanners({ app: this.spec.name, keys, parent, planner: parts })];
  }

  /** The same model's next lower version that exists: what it earned is what is known of a new version. */
  #parentOf(arm: Arm): Arm | undefined {
    const { model, version } = readArm(arm);
    if (version === undefined) return undefined;
    const before = this.#parts.directory.versionsOf(model).find((other) => other < version);
    return before === undefined ? undefined : `${model}@${before}`;
  }

  #refresh(): void {
    // Both only rise.
    const revision = this.#parts.directory.revision + this.#parts.others.revision();
    if (this.#revision === revision) return;
    this.#revision = revision;
    this.#readers.clear();
    this.#arms = this.#names.map((named) => this.#resolve(named));
    this.#isSplit = this.#arms.some(({ split }) => split !== undefined);
    const waits = this.spec.onMiss === 'wait';
    const healthy = this.#healthy();
    this.mask.renew(this.#arms.map(({ target }, i) => ({
      healthy: target !== undefined && (healthy[i] === true || waits), loneMicros: () => target?.loneMicros ?? 0,
    })));
    const inputs = this.#inputs();
    if (inputs !== this.#view.inputs && JSON.stringify(inputs) !== JSON.stringify(this.#view.inputs)) this.#view = { spec: this.spec, inputs };
  }

  #resolve({ arm, name }: { readonly arm: Arm; readonly name: ArmName }): ResolvedArm {
    const inner = appOfArm(arm);
    if (inner === undefined) {
      const { directory } = this.#parts;
      const queue = directory.resolve(name);
      const split = name.version === undefined && name.label === undefined ? directory.split(name.model) : [];
      return { arm, name, queue, target: queue, ...(split.length < 2 ? {} : { split }) };
    }
    const { others } = this.#parts;
    const app = others.get(inner);
    return { arm, name, queue: app?.arms[0]?.queue, target: app === undefined ? undefined : new InnerArm(inner, () => others.get(inner), others.asker) };
  }

  /** Which arms have a replica. */
  #healthy(): boolean[] {
    return this.#arms.map(({ arm, queue }) => {
      const inner = appOfArm(arm);
      return inner === undefined ? queue !== undefined && queue.replicas.length > 0 : this.#parts.others.get(inner)?.ready === true;
    });
  }

  /** What the first arm that knows its inputs expects; the arms of an app share them. */
  #inputs(): readonly TensorSpec[] | undefined {
    for (const { queue } of this.#arms) {
      const inputs = queue === undefined ? undefined : this.#parts.directory.signature(queue.key)?.inputs ?? queue.spec.input;
      if (inputs !== undefined) return inputs;
    }
    return undefined;
  }
}
