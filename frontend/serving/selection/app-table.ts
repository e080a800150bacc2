import { POLICIES, type Entry } from '../../../selection-policies/catalog.ts';
import { guarded } from '../../../selection-policies/guard.ts';
import type { Policy } from '../../../selection-policies/policy.ts';
import type { Directory } from '../../dispatch/directory.ts';
import type { CellsView, KeyCellsView } from '../../domain/cells.ts';
import type { Meter } from '../../domain/meter.ts';
import type { AppSpec, DesiredState, ModelSpec, Steering } from '../../domain/model.ts';
import type { AppDirectory, AppView } from '../../domain/ports.ts';
import { IMPLICIT_SLO_MS } from '../../domain/served.ts';
import type { SlabPool } from '../../domain/slabs.ts';
import type { InnerAsker } from './arm-target.ts';
import { AppMeters } from './app-meters.ts';
import { App, type OtherApps } from './app.ts';

const NO_CELLS: CellsView = Object.freeze({ snapshot: () => ({ cells: new Map<string, bigint>(), version: 0 }) });

export interface AppTableParts {
  readonly directory: Directory;
  readonly slabs: SlabPool;
  readonly meter: Meter;
  /** What policies have learned; absent: nothing ever. */
  readonly cells?: CellsView;
  /** What they have learned of single context keys; absent: nothing. */
  readonly keys?: Pick<KeyCellsView, 'ofKey' | 'held'>;
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
  /** By model; made when one is first asked for by its own name. */
  readonly #implicit = new Map<string, App>();
  #revision = 0;
  #asker: InnerAsker | undefined;

  constructor(parts: AppTableParts) {
    this.#parts = parts;
  }

  /** Where queries for apps that are arms go. Once, before the first query. */
  connect(asker: InnerAsker): void {
    this.#asker = asker;
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
    this.#revision++;
    for (const [name, app] of this.#implicit) {
      const [model = ''] = app.spec.arms;
      if (this.#parts.directory.versionsOf(model).length > 0) continue;
      app.meters.forget();
      this.#implicit.delete(name);
    }
  }

  /** An app of the operator's, or an implicit one by the name in its spec. */
  get(name: string): App | undefined {
    return this.#apps.get(name) ?? this.#implicit.get(name);
  }

  /** The app that a model is by itself (frontend/domain/served.ts); undefined where there is no such model. */
  implicit(model: string): App | undefined {
    const queue = this.#parts.directory.resolve({ model });
    if (queue === undefined) return undefined;
    const spec = implicitSpec(queue.spec);
    const known = this.#implicit.get(spec.name);
    if (known !== undefined && known.spec.sloMs === spec.sloMs) return known;
    const app = this.#open(spec, known, { isModel: true });
    this.#implicit.set(spec.name, app);
    return app;
  }

  app(name: string): AppView | undefined {
    return this.#apps.get(name)?.view;
  }

  #open(spec: AppSpec, before: App | undefined, { isModel = false } = {}): App {
    const { directory, slabs, meter, cells = NO_CELLS, keys, epochOffsetMicros = 0 } = this.#parts;
    return new App(spec, {
      directory, slabs, epochOffsetMicros, policy: this.#policyOf(spec), cells: () => cells.snapshot(spec.name), ...(keys === undefined ? {} : { keys }),
      meters: before?.meters ?? new AppMeters(meter, spec.name), others: this.#others(), isModel,
    });
  }

  #others(): OtherApps {
    const asker = (): InnerAsker => {
      if (this.#asker === undefined) throw new Error('an app was asked as an arm before anybody said where such queries go');
      return this.#asker;
    };
    return {
      revision: () => this.#revision,
      get: (name) => this.#apps.get(name),
      asker: { submit: (app, gather) => asker().submit(app, gather), cancel: (gather) => asker().cancel(gather) },
    };
  }

  #policyOf(spec: AppSpec): Policy {
    const made = (this.#parts.policies ?? POLICIES).get(spec.policy)?.make(spec.policyOptions ?? {});
    if (made === undefined || 'faults' in made) throw new RangeError(`app ${spec.name}: there is no policy "${spec.policy}" of these options`);
    return guarded(made.policy, (fault) => this.#parts.onPolicyFault?.(spec.name, fault));
  }
}

/** Its name is none that an app may have. */
function implicitSpec({ name, sloMs, statesSlo }: ModelSpec): AppSpec {
  return {
    name: `model:${name}`, arms: [name], policy: 'static', output: 'raw', sloMs: statesSlo === true ? sloMs : IMPLICIT_SLO_MS, sloMinMs: 0.1, sloMaxMs: 600_000,
    onMiss: 'error', priority: 'normal', weight: 1,
  };
}
