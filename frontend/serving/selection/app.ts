import { isotonic, readConfidence, type Calibration } from '../../../selection-policies/calibration.ts';
import type { Arm, Context, Estimate, Policy } from '../../../selection-policies/policy.ts';
import type { Directory } from '../../dispatch/directory.ts';
import type { ModelQueue } from '../../dispatch/model-queue.ts';
import type { TensorSpec } from '../../../protos/wire.ts';
import { readArm, type ArmName } from '../../domain/arm.ts';
import type { CellsSnapshot } from '../../domain/cells.ts';
import type { Micros } from '../../domain/clock.ts';
import type { AppSpec, Steering } from '../../domain/model.ts';
import { outputReader, type OutputReader } from '../../domain/output.ts';
import type { AppView } from '../../domain/ports.ts';
import type { SlabPool } from '../../domain/slabs.ts';
import type { AppMeters } from './app-meters.ts';
import { ArmMask } from './arm-mask.ts';
import { Planner, type Planned } from './planner.ts';
import { shapeOf } from './plan-shape.ts';
import { appFingerprint } from '../decisions/receipt.ts';

/** An arm of an app: how it is written, and whom it means now. */
export interface ResolvedArm {
  readonly arm: Arm;
  readonly name: ArmName;
  readonly queue: ModelQueue | undefined;
}

export interface AppParts {
  readonly directory: Directory;
  readonly slabs: SlabPool;
  /** Guarded as far as selection needs it; its `contribution` may throw. */
  readonly policy: Policy;
  readonly cells: () => CellsSnapshot;
  readonly epochOffsetMicros: number;
  readonly meters: AppMeters;
}

const NO_STEERING: Steering = Object.freeze({});

/** An app with all that selection needs, kept from query to query and resolved anew when the directory changes. */
export class App {
  readonly spec: AppSpec;
  readonly fingerprint: Uint8Array;
  readonly meters: AppMeters;
  /** What happens to arms, by their place in the spec. */
  readonly mask = new ArmMask();
  readonly #parts: AppParts;
  readonly #names: readonly { readonly arm: Arm; readonly name: ArmName }[];
  readonly #readers = new Map<ModelQueue, OutputReader>();
  #steering = NO_STEERING;
  #planner: Planner;
  #revision = -1;
  #arms: readonly ResolvedArm[] = [];
  #view: AppView;
  #calibrated: { readonly version: number; readonly calibration: Calibration } | undefined;

  constructor(spec: AppSpec, parts: AppParts) {
    this.spec = spec;
    this.meters = parts.meters;
    this.fingerprint = appFingerprint(spec.name, JSON.stringify(spec));
    this.#parts = parts;
    this.#names = spec.arms.map((arm) => ({ arm, name: readArm(arm) }));
    this.#view = { spec, inputs: undefined };
    this.#planner = this.#newPlanner();
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
    this.#planner = this.#newPlanner();
    this.meters.steered(new Set(Object.keys(steering)));
    return true;
  }

  /** Whom a query may be sent to, and with which probabilities; undefined where nobody can be asked. */
  plan(context: Context, sloMicros: Micros, now: Micros): Planned | undefined {
    this.#refresh();
    const mask = this.mask.of(this.spec.onMiss === 'wait' ? Number.POSITIVE_INFINITY : sloMicros, now);
    return mask === undefined ? undefined : this.#planner.plan(mask, context, now);
  }

  /** What is believed of each arm, in their order. */
  estimates(now: Micros): readonly (Estimate | undefined)[] {
    return this.#planner.estimates(now);
  }

  /** From the confidence that arms agree with to the share of such answers that were right, by what was said of them. */
  calibrate(confidence: number): number {
    const { cells, version } = this.#parts.cells();
    if (this.#calibrated?.version !== version) this.#calibrated = { version, calibration: isotonic(readConfidence(cells)) };
    return this.#calibrated.calibration(confidence);
  }

  reader(queue: ModelQueue): OutputReader {
    let reader = this.#readers.get(queue);
    if (reader === undefined) {
      reader = outputReader(queue.spec.output, this.spec.output, this.#parts.slabs);
      this.#readers.set(queue, reader);
    }
    return reader;
  }

  #newPlanner(): Planner {
    const { policy, cells, epochOffsetMicros } = this.#parts;
    return new Planner({
      policy, cells, epochOffsetMicros, arms: this.spec.arms, steering: this.#steering,
      parentOf: (arm) => this.#parentOf(arm), shape: shapeOf(this.spec), shadow: [...new Set([...this.spec.shadow ?? [], ...this.#steering.shadow ?? []])],
    });
  }

  /** The same model's next lower version that exists: what it earned is what is known of a new version. */
  #parentOf(arm: Arm): Arm | undefined {
    const { model, version } = readArm(arm);
    if (version === undefined) return undefined;
    const before = this.#parts.directory.versionsOf(model).find((other) => other < version);
    return before === undefined ? undefined : `${model}@${before}`;
  }

  #refresh(): void {
    if (this.#revision === this.#parts.directory.revision) return;
    this.#revision = this.#parts.directory.revision;
    this.#readers.clear();
    this.#arms = this.#names.map(({ arm, name }) => ({ arm, name, queue: this.#parts.directory.resolve(name) }));
    const waits = this.spec.onMiss === 'wait';
    this.mask.renew(this.#arms.map(({ queue }) => ({
      healthy: queue !== undefined && (queue.replicas.length > 0 || waits), loneMicros: () => queue?.loneMicros ?? 0,
    })));
    const inputs = this.#inputs();
    if (inputs !== this.#view.inputs && JSON.stringify(inputs) !== JSON.stringify(this.#view.inputs)) this.#view = { spec: this.spec, inputs };
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
