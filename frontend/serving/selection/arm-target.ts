import type { Gather, InnerAnswer } from '../../dispatch/gather.ts';
import type { Micros } from '../../domain/clock.ts';
import type { AppSpec, ModelSpec } from '../../domain/model.ts';

/** Whom an arm means, as those see it who ask: the queue of a model version, or another app. */
export interface ArmTarget {
  /** What its answers are. `version` 0: an app, whose answers say themselves which model gave them (`Gather.inner`). */
  readonly spec: Pick<ModelSpec, 'name' | 'version' | 'output'>;
  /** What a row that is sent alone takes in the mean; 0 where nobody knows. */
  readonly loneMicros: Micros;
  /** Rows that wait for a replica of it. */
  readonly queuedRows: number;
  /** Takes over the gather: each of its rows will settle. */
  submit(gather: Gather): void;
  /** Takes back what has not left; returns the rows that were still queued. */
  cancel(gather: Gather): number;
}

/** An app as the apps see it whose arm it is. */
export interface AskedApp {
  readonly spec: Pick<AppSpec, 'output'>;
  readonly classNames: readonly string[] | undefined;
  readonly loneMicros: Micros;
}

/** Where queries for apps that are arms go. */
export interface InnerAsker {
  submit(app: string, gather: Gather): void;
  cancel(gather: Gather): number;
}

/** An app as an arm. It is found anew each time: its definition may change under the app that asks it. */
export class InnerArm implements ArmTarget {
  readonly #name: string;
  readonly #find: () => AskedApp | undefined;
  readonly #asker: InnerAsker;

  constructor(name: string, find: () => AskedApp | undefined, asker: InnerAsker) {
    this.#name = name;
    this.#find = find;
    this.#asker = asker;
  }

  get spec(): ArmTarget['spec'] {
    const { spec, classNames } = this.#find() ?? {};
    return { name: this.#name, version: 0, output: { kind: spec?.output ?? 'raw', ...(classNames === undefined ? {} : { classNames }) } };
  }

  get loneMicros(): Micros {
    return this.#find()?.loneMicros ?? 0;
  }

  /** They wait in the queues of the models that it asks. */
  get queuedRows(): number {
    return 0;
  }

  submit(gather: Gather): void {
    this.#asker.submit(this.#name, gather);
  }

  cancel(gather: Gather): number {
    return this.#asker.cancel(gather);
  }
}

/** Which model gave the rows of a gather; nothing where it was several. */
export function answererOf({ spec }: ArmTarget, { inner }: Gather): Pick<InnerAnswer, 'model' | 'version'> {
  if (inner === undefined) return spec.version === 0 ? {} : { model: spec.name, version: spec.version };
  return { ...(inner.model === undefined ? {} : { model: inner.model }), ...(inner.version === undefined ? {} : { version: inner.version }) };
}
