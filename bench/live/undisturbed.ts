import type { BrokerProcess } from '../demo/broker-process.ts';
import { COMES_FIRST, comeFirst } from '../load/come-first.ts';
import { ScheduleMissed } from '../load/generate.ts';
import { Pauses } from '../load/pauses.ts';
import { processTree } from '../operations/held.ts';
import { CORES, keepApart } from './keep-apart.ts';
import type { Workload } from './workloads.ts';

type Say = (line: string) => void;

/** Sees meanwhile whether a core stands still; not in a small size, whose figures mean nothing. */
export async function withPauses<Result>({ small }: { readonly small: boolean }, say: Say, measure: (pauses: Pauses | undefined) => Promise<Result>): Promise<Result> {
  const pauses = small ? undefined : await Pauses.watch(CORES);
  if (!small && pauses === undefined) say('nobody sees here whether a core stands still: there is no right to real-time priority');
  try {
    return await measure(pauses);
  } finally {
    pauses?.end();
  }
}

/** The broker and its containers have cores of their own, and come before what else the machine does; where there is no right to it, that is said. */
export function giveWay(broker: BrokerProcess, { generatorBeside }: Workload, say: Say): void {
  if (!keepApart(broker.pid, generatorBeside)) say('containers, broker and generator share what cores there are');
  if (!comeFirst(processTree(broker.pid), COMES_FIRST.measured)) say('what else this machine does comes before what is measured: there is no right to put it first');
}

/** What the machine did not let be measured, in words: it is tried once more, at the end, and what is refused again stays so. */
export class Refusals {
  readonly #say: Say;
  #words: string[] = [];

  constructor(say: Say) {
    this.#say = say;
  }

  get words(): readonly string[] {
    return this.#words;
  }

  /** `play` takes every sample that it has not. */
  async playAll(play: () => Promise<void>): Promise<void> {
    await play();
    if (this.#words.length === 0) return;
    this.#say('  once more what was not measured');
    this.#words = [];
    await play();
  }

  /** Where the generator could not keep its schedule that sample is not taken; the others are. `name`: among the refused; `line`: how what is said of it begins. */
  async sample(name: string, line: string, take: () => Promise<string>): Promise<void> {
    try {
      this.#say(`${line}${await take()}`);
    } catch (error) {
      if (!(error instanceof ScheduleMissed)) throw error;
      this.#words.push(`${name}: ${error.message}`);
      this.#say(`${line}not measured: ${error.message}`);
    }
  }
}
