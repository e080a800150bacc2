import { POLICIES } from '../../selection-policies/catalog.ts';
import type { Directory } from '../dispatch/directory.ts';
import type { Meter } from '../domain/meter.ts';
import type { DesiredState } from '../domain/model.ts';
import type { AppDirectory, AppView } from '../domain/ports.ts';
import type { SlabPool } from '../domain/slabs.ts';
import { AppMeters } from './app-meters.ts';
import { App } from './app.ts';

/** The apps that are served now. An app whose definition did not change stays the object that it was. */
export class AppTable implements AppDirectory {
  readonly #parts: { readonly directory: Directory; readonly slabs: SlabPool; readonly meter: Meter };
  readonly #apps = new Map<string, App>();

  constructor(parts: { directory: Directory; slabs: SlabPool; meter: Meter }) {
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
      if (known !== undefined && JSON.stringify(known.spec) === JSON.stringify(spec)) continue;
      const policy = POLICIES.get(spec.policy);
      if (policy === undefined) throw new RangeError(`app ${spec.name}: no policy "${spec.policy}"; configuration lets only known ones pass`);
      const meters = known?.meters ?? new AppMeters(this.#parts.meter, spec.name);
      this.#apps.set(spec.name, new App(spec, { directory: this.#parts.directory, slabs: this.#parts.slabs, policy, meters }));
    }
  }

  get(name: string): App | undefined {
    return this.#apps.get(name);
  }

  app(name: string): AppView | undefined {
    return this.#apps.get(name)?.view;
  }
}
