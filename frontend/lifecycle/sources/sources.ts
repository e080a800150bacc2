import type { Log } from '../../domain/log.ts';
import type { SourceSpec } from '../../domain/model.ts';
import type { Aspired, Source, SourceStatus } from '../../domain/source.ts';
import type { DesiredStateOwner } from '../desired-state-owner.ts';

export interface SourcesOptions {
  readonly owner: Pick<DesiredStateOwner, 'applySource'>;
  readonly open: (spec: SourceSpec) => Source;
  readonly log: Log;
}

/** The sources that desired state names: started and stopped as it says, and what they hold told to its owner. */
export class Sources {
  readonly #options: SourcesOptions;
  readonly #open = new Map<string, { readonly spec: SourceSpec; readonly source: Source }>();

  constructor(options: SourcesOptions) {
    this.#options = options;
  }

  apply(specs: readonly SourceSpec[]): void {
    for (const [folder, { spec, source }] of this.#open) {
      if (specs.some((other) => other.folder === folder && other.pollMs === spec.pollMs)) continue;
      source.stop();
      this.#open.delete(folder);
    }
    for (const spec of specs) {
      if (this.#open.has(spec.folder)) continue;
      const source = this.#options.open(spec);
      this.#open.set(spec.folder, { spec, source });
      source.start((aspired) => this.#tell(spec.folder, aspired));
    }
  }

  status(): readonly SourceStatus[] {
    return [...this.#open.values()].map(({ source }) => source.status());
  }

  stop(): void {
    for (const { source } of this.#open.values()) source.stop();
    this.#open.clear();
  }

  /** Rejects where it could not be saved: the source tells it again. */
  async #tell(folder: string, aspired: Aspired): Promise<void> {
    const { owner, log } = this.#options;
    const { refused, result } = await owner.applySource(folder, aspired);
    if (!result.ok) throw result.error;
    for (const { model, faults } of refused) log.warn({ folder, model, faults }, 'what a source holds of a model cannot be; it stays as it was');
    const { models } = result.changed.diff;
    if (models.added.length + models.changed.length + models.removed.length > 0) log.info({ folder, ...models }, 'a source changed what is wanted');
  }
}
