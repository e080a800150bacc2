import type { Meter } from '../domain/meter.ts';
import type { ReplicaFacts } from '../domain/runtime.ts';

/** What containers say comes from outside: so many programs of one model version are told apart, each word so long. */
const MAX_PROGRAMS = 16;
const MAX_WORD_CHARS = 64;
const OTHER = 'other';

/** Counts the ready replicas of one model version by the program that serves them. */
export class ProgramGauge {
  readonly #meter: Meter;
  readonly #labels: Readonly<Record<string, string>>;
  readonly #cells = new Map<string, number>();

  constructor(meter: Meter, labels: Readonly<Record<string, string>>) {
    this.#meter = meter;
    this.#labels = labels;
  }

  /** `abouts`: what each ready replica says of itself. */
  count(abouts: readonly ReplicaFacts['about'][]): void {
    const counts = new Map<number, number>([...this.#cells.values()].map((cell) => [cell, 0]));
    for (const about of abouts) {
      const cell = this.#cellOf(word(about['framework']), word(about['runtime']));
      counts.set(cell, (counts.get(cell) ?? 0) + 1);
    }
    for (const [cell, count] of counts) this.#meter.set(cell, count);
  }

  #cellOf(framework: string, runtime: string): number {
    const key = JSON.stringify([framework, runtime]);
    const known = this.#cells.get(key);
    if (known !== undefined) return known;
    if (this.#cells.size >= MAX_PROGRAMS && framework !== OTHER) return this.#cellOf(OTHER, '');
    const cell = this.#meter.cell('tradewind_replica_programs', { ...this.#labels, framework, runtime });
    this.#cells.set(key, cell);
    return cell;
  }
}

function word(said: string | number | boolean | undefined): string {
  return said === undefined ? '' : String(said).slice(0, MAX_WORD_CHARS);
}
