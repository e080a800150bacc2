import { cpuTicks, stolenShare, type CpuTicks } from '../../frontend/runtime/stolen-time.ts';

/** Of the processors' time, what others on the same hardware may have while a round counts. */
const MOST_STOLEN = 0.01;

export interface CalmOptions {
  /** How often a round may be played again, in the whole bench. */
  readonly repeats: number;
  readonly say: (line: string) => void;
  readonly ticks?: () => CpuTicks;
}

/**
 * A round in which the hypervisor gave the processors to others says little of what runs here: it is played again, as long as
 * there are repeats left. Of a round's tries the calmest counts, whatever it measured. A round that fails while it is disturbed is
 * played again too.
 */
export class Calm {
  readonly #say: (line: string) => void;
  readonly #ticks: () => CpuTicks;
  #repeats: number;
  #counted: CpuTicks = { all: 0, stolen: 0 };

  constructor({ repeats, say, ticks = cpuTicks }: CalmOptions) {
    this.#repeats = repeats;
    this.#say = say;
    this.#ticks = ticks;
  }

  /** Of the processors' time in the rounds that count, from 0 to 1. */
  get stolen(): number {
    return stolenShare({ all: 0, stolen: 0 }, this.#counted);
  }

  /** Rejects as the round does, where it fails undisturbed or in its last try. */
  async play<T>(round: () => Promise<T>): Promise<T> {
    let best: { readonly share: number; readonly took: CpuTicks; readonly result: T } | undefined;
    for (;;) {
      const before = this.#ticks();
      const tried = await round().then((result) => ({ result }), (error: unknown) => ({ error }));
      const after = this.#ticks();
      const share = stolenShare(before, after);
      if ('result' in tried && (best === undefined || share < best.share)) best = { share, took: { all: after.all - before.all, stolen: after.stolen - before.stolen }, result: tried.result };
      const isLast = share <= MOST_STOLEN || this.#repeats === 0;
      if (isLast && best !== undefined) {
        this.#counted = { all: this.#counted.all + best.took.all, stolen: this.#counted.stolen + best.took.stolen };
        return best.result;
      }
      if (isLast && 'error' in tried) throw tried.error;
      this.#repeats--;
      this.#say(`${(share * 100).toFixed(1)} % of the processors' time went to others on the same hardware: once more`);
    }
  }
}
