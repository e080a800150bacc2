import { join } from 'node:path';
import type { Log } from '../../domain/log.ts';
import type { SourceSpec } from '../../domain/model.ts';
import type { Aspired, Source, SourceStatus } from '../../domain/source.ts';
import type { DesiredStateOwner } from '../desired-state-owner.ts';

export interface SourcesOptions {
  readonly owner: Pick<DesiredStateOwner, 'applySource'>;
  readonly open: (spec: SourceSpec) => Source;
  readonly log: Log;
}

interface Open {
  readonly spec: SourceSpec;
  readonly source: Source;
  /** What it said last. */
  aspired?: Aspired;
  /** Why what it said of a model could not be taken, by model. */
  refused: ReadonlyMap<string, string>;
}

/**
 * The sources that desired state names: started and stopped as it says, and what they hold told to its owner; what that refused,
 * again with each change, for another change may be what was missing.
 */
export class Sources {
  readonly #options: SourcesOptions;
  readonly #open = new Map<string, Open>();

  constructor(options: SourcesOptions) {
    this.#options = options;
  }

  apply(specs: readonly SourceSpec[]): void {
    for (const [folder, open] of this.#open) {
      if (specs.some((other) => other.folder === folder && other.pollMs === open.spec.pollMs)) this.#tellAgain(open);
      else {
        open.source.stop();
        this.#open.delete(folder);
      }
    }
    for (const spec of specs) {
      if (this.#open.has(spec.folder)) continue;
      const open: Open = { spec, source: this.#options.open(spec), refused: new Map() };
      this.#open.set(spec.folder, open);
      open.source.start((aspired) => this.#tell(open, aspired));
    }
  }

  status(): readonly SourceStatus[] {
    return [...this.#open.values()].map(({ spec, source, refused }) => {
      const status = source.status();
      return { ...status, refused: [...status.refused, ...[...refused].map(([model, why]) => ({ path: join(spec.folder, model), why }))] };
    });
  }

  stop(): void {
    for (const { source } of this.#open.values()) source.stop();
    this.#open.clear();
  }

  /** Where that cannot be saved, the next change has it told once more. */
  #tellAgain(open: Open): void {
    if (open.aspired !== undefined && open.refused.size > 0) this.#tell(open, open.aspired).catch(() => undefined);
  }

  /** Rejects where it could not be saved: the source tells it again. */
  async #tell(open: Open, aspired: Aspired): Promise<void> {
    const { owner, log } = this.#options;
    const { folder } = open.spec;
    open.aspired = aspired;
    const { refused, result } = await owner.applySource(folder, aspired);
    if (!result.ok) throw result.error;
    for (const { model, faults } of refused) if (open.refused.get(model) !== faults.join('; ')) log.warn({ folder, model, faults }, 'what a source holds of a model cannot be; it stays as it was');
    open.refused = new Map(refused.map(({ model, faults }) => [model, faults.join('; ')]));
    const { models } = result.changed.diff;
    if (models.added.length + models.changed.length + models.removed.length > 0) log.info({ folder, ...models }, 'a source changed what is wanted');
  }
}
