import type { BrokerProcess } from '../demo/broker-process.ts';
import { COMES_FIRST, comeFirst } from '../load/come-first.ts';
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
