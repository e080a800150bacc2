import { POLICIES, type Entry } from '../../../selection-policies/catalog.ts';
import { guarded } from '../../../selection-policies/guard.ts';
import type { Policy } from '../../../selection-policies/policy.ts';
import type { Directory } from '../../dispatch/directory.ts';
import type { CellsView } from '../../domain/cells.ts';
import type { Meter } from '../../domain/meter.ts';
import type { AppSpec, DesiredState, Steering } from '../../domain/model.ts';
import type { AppDirectory, AppView } from '../../domain/ports.ts';
import type { SlabPool } from '../../domain/slabs.ts';
import { AppMeters } from './app-meters.ts';
import { App } from './app.ts';

const NO_CELLS: CellsView = Object.freeze({ snapshot: () => ({ cells: new Map<string, bigint>(), version: 0 }) });

export interface AppTableParts {
  readonly directory: Directory;
  readonly slabs: SlabPool;
  readonly meter: Meter;
  /** What policies have learned; absent: nothing ever. */
  readonly cells?: CellsView;
  /** The policies that apps may name; those of the catalog unless given. */
  readonly policies?: ReadonlyMap<string, Entry>;
  /** Epoch microseconds less the clock's; 0 unless given. */
  readonly epochOffsetMicros?: number;
  /** A policy failed while it chose: the query goes on without it. */
  readonly onPolicyFault?: (app: string, fault: string) => void;
  /** The operator's hands on an app are others from now on. */
  readonly onSteered?: (app: string, steering: Steering) => void;
}

/** The apps that are served now. An app whose definition did not change stays the object that it was. */
export class AppTable implements AppDirectory {
  readonly #parts: AppTableParts;
  readonly #apps = new Map<string, App>();

  constructor(parts: AppTableParts) {
    this.#parts = parts;
  }

  apply(desired: DesiredState): void {
    for (const [name, app] of this.#apps) {
      if (desired.apps[name] !== undefined) continue;
      app.meters.forget();
      this.#apps.delete(name);
    }
    for (const spec of Object.values(desired.apps)) {
      const known = this.#apps.get(spec.name);
      const app = known !== undefined && JSON.stringify(known.spec) === JSON.stringify(spec) ? known : this.#open(spec, known);
      if (app.steer(desired.steering?.[spec.name])) this.#parts.onSteered?.(spec.name, app.steering);
      this.#apps.set(spec.name, app);
    }
  }

  get(name: string): App | undefined {
    return this.#apps.get(name);
  }

  app(name: string): AppView | undefined {
    return this.#apps.get(name)?.view;
  }

  #open(spec: AppSpec, before: App | undefined): App {
    const { directory, slabs, meter, cells = NO_CELLS, epochOffsetMicros = 0 } = this.#parts;
    return new App(spec, {
      directory, slabs, epochOffsetMicros, policy: this.#policyOf(spec), cells: () => cells.snapshot(spec.name),
      meters: before?.meters ?? new AppMeters(meter, spec.name),
    });
  }

  /** Guarded where a query depends on it. What a reward adds is not: there a fault must be told from nothing to add. */
  #policyOf(spec: AppSpec): Policy {
    const made = (this.#parts.policies ?? POLICIES).get(spec.policy)?.make(spec.policyOptions ?? {});
    if (made === undefined || 'faults' in made) throw new RangeError(`app ${spec.name}: there is no policy "${spec.policy}" of these options`);
    const { policy } = made;
    const safe = guarded(policy, (fault) => this.#parts.onPolicyFault?.(spec.name, fault));
    return { ...safe, contribution: (event, arms) => policy.contribution(event, arms) };
  }
}
