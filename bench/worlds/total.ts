import type { SeedRange, WorldsTally } from './play-range.ts';

/** What all worlds from `from` up to, and without, `next` came to. */
export interface WorldsResult extends Omit<WorldsTally, 'to'> {
  /** The first seed that has not been played: where a run that was cut off goes on. */
  readonly next: number;
  /** How often a world was played again that had had a fault; absent where none was. */
  readonly again?: number;
}

export function nothingFrom(from: number): WorldsResult {
  return { from, next: from, worlds: 0, answered: 0, byModel: 0, cancelled: 0, batches: 0, faults: [] };
}

/** Goes on with what was found: of a world that had a fault nothing is counted but that it was played, and the fault may be mended. */
export function faultyAgain(before: WorldsResult, play: (range: SeedRange) => WorldsTally): WorldsResult {
  return before.faults.reduce<WorldsResult>((sum, fault) => {
    const seed = Number(/^seed (\d+)/.exec(fault)?.[1]);
    return { ...joined(sum, { ...play({ from: seed, to: seed + 1 }), to: sum.next, worlds: 0 }), again: (sum.again ?? 0) + 1 };
  }, { ...before, faults: [] });
}

/** Adds ranges up, in whatever order they end: a sum without gaps, so that it can be kept and gone on with. */
export class WorldsTotal {
  readonly #early = new Map<number, WorldsTally>();
  #sum: WorldsResult;

  constructor(before: WorldsResult) {
    this.#sum = before;
  }

  /** Of all ranges before the first that has not ended. */
  get result(): WorldsResult {
    return this.#sum;
  }

  add(tally: WorldsTally): void {
    this.#early.set(tally.from, tally);
    for (let next = this.#early.get(this.#sum.next); next !== undefined; next = this.#early.get(this.#sum.next)) {
      this.#early.delete(next.from);
      this.#sum = joined(this.#sum, next);
    }
  }
}

function joined(sum: WorldsResult, { to, worlds, answered, byModel, cancelled, batches, faults }: WorldsTally): WorldsResult {
  return {
    ...sum, next: to, worlds: sum.worlds + worlds, answered: sum.answered + answered, byModel: sum.byModel + byModel,
    cancelled: sum.cancelled + cancelled, batches: sum.batches + batches, faults: [...sum.faults, ...faults],
  };
}
