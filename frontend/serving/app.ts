import type { Arm, Plan, Policy } from '../../selection-policies/policy.ts';
import type { Directory } from '../dispatch/directory.ts';
import type { ModelQueue } from '../dispatch/model-queue.ts';
import type { TensorSpec } from '../../protos/wire.ts';
import { readArm, type ArmName } from '../domain/arm.ts';
import type { AppSpec } from '../domain/model.ts';
import { outputReader, type OutputReader } from '../domain/output.ts';
import type { AppView } from '../domain/ports.ts';
import type { SlabPool } from '../domain/slabs.ts';
import type { AppMeters } from './app-meters.ts';
import { appFingerprint } from './receipt.ts';

/** An arm of an app: how it is written, and whom it means now. */
export interface ResolvedArm {
  readonly arm: Arm;
  readonly name: ArmName;
  readonly queue: ModelQueue | undefined;
}

/** An app with all that selection needs, kept from query to query and resolved anew when the directory changes. */
export class App {
  readonly spec: AppSpec;
  readonly fingerprint: Uint8Array;
  readonly meters: AppMeters;
  readonly policy: Policy;
  readonly #directory: Directory;
  readonly #slabs: SlabPool;
  readonly #names: readonly { readonly arm: Arm; readonly name: ArmName }[];
  readonly #readers = new Map<ModelQueue, OutputReader>();
  #revision = -1;
  #arms: readonly ResolvedArm[] = [];
  #view: AppView;
  #plan: Plan | undefined;

  constructor(spec: AppSpec, parts: { directory: Directory; slabs: SlabPool; policy: Policy; meters: AppMeters }) {
    this.spec = spec;
    this.policy = parts.policy;
    this.meters = parts.meters;
    this.fingerprint = appFingerprint(spec.name, JSON.stringify(spec));
    this.#directory = parts.directory;
    this.#slabs = parts.slabs;
    this.#names = spec.arms.map((arm) => ({ arm, name: readArm(arm) }));
    this.#view = { spec, inputs: undefined };
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

  /** The plan for a query without context of its own; undefined where every arm is masked. */
  plan(context: Readonly<Record<string, unknown>> | undefined, now: number): Plan | undefined {
    this.#refresh();
    if (this.#plan !== undefined && !this.policy.contextual) return this.#plan;
    const mask = this.#arms.map(({ queue }) => queue !== undefined && (queue.replicas.length > 0 || this.spec.onMiss === 'wait'));
    if (!mask.includes(true)) return undefined;
    const view = this.policy.view(new Map(), now);
    this.#plan = this.policy.plan(view, this.spec.arms, context, mask, 0);
    return this.#plan;
  }

  reader(queue: ModelQueue): OutputReader {
    let reader = this.#readers.get(queue);
    if (reader === undefined) {
      reader = outputReader(queue.spec.output, this.spec.output, this.#slabs);
      this.#readers.set(queue, reader);
    }
    return reader;
  }

  #refresh(): void {
    if (this.#revision === this.#directory.revision) return;
    this.#revision = this.#directory.revision;
    this.#plan = undefined;
    this.#readers.clear();
    this.#arms = this.#names.map(({ arm, name }) => ({ arm, name, queue: this.#directory.resolve(name) }));
    const inputs = this.#inputs();
    if (inputs !== this.#view.inputs && JSON.stringify(inputs) !== JSON.stringify(this.#view.inputs)) this.#view = { spec: this.spec, inputs };
  }

  /** What the first arm that knows its inputs expects; the arms of an app share them. */
  #inputs(): readonly TensorSpec[] | undefined {
    for (const { queue } of this.#arms) {
      const inputs = queue === undefined ? undefined : this.#directory.signature(queue.key)?.inputs ?? queue.spec.input;
      if (inputs !== undefined) return inputs;
    }
    return undefined;
  }
}
