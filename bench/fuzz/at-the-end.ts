import { residentBytes } from '../broker/rss.ts';
import { say } from '../report/write.ts';
import { askControl, remains } from './fuzz-broker.ts';

/** In its second half a run may raise the broker's memory by so much: by then every pool has what it needs. */
const GROWTH = { share: 0.1, mb: 32 };
/** In fewer requests the process is still on its way to the size that it keeps. */
const GROWN_REQUESTS = 200_000;
const TENTHS = 10;

/** Memory of a broker at each tenth of a run. */
export class Residence {
  readonly #pid: number;
  readonly #requests: number;
  readonly #startedAt = Date.now();
  /** Megabytes, resident. */
  readonly mb: number[] = [];

  /** `requests`: so many the run will make. */
  constructor(pid: number, requests: number) {
    this.#pid = pid;
    this.#requests = requests;
  }

  /** So many requests have been made: looks, and says so, where a further tenth is done. */
  look(requests: number, faults: number): void {
    if (requests < (this.#requests * (this.mb.length + 1)) / TENTHS || this.mb.length >= TENTHS) return;
    this.mb.push(Math.round(residentBytes(this.#pid) / 2 ** 20));
    say(`${requests} requests, ${Math.round(requests / Math.max(0.001, (Date.now() - this.#startedAt) / 1000))}/s, ${this.mb.at(-1)} MB resident, ${faults} faults`);
  }

  /** How the broker grew in the second half of the run; undefined where it did not, and of a run that is too short to tell. */
  get growth(): string | undefined {
    return this.#requests < GROWN_REQUESTS ? undefined : growthOf(this.mb);
  }
}

/** By the most of each half, in megabytes at each tenth: between two looks the garbage collector lets memory rise and fall by a quarter. */
export function growthOf(mb: readonly number[]): string | undefined {
  if (mb.length < TENTHS) return undefined;
  const [first, second] = [Math.max(...mb.slice(0, TENTHS / 2)), Math.max(...mb.slice(TENTHS / 2))];
  return second <= first * (1 + GROWTH.share) + GROWTH.mb ? undefined : `memory grew from ${first} to ${second} MB in the second half`;
}

/** The broker must be there, hold nothing, have lost no replica, and not have grown. */
export async function atTheEnd(url: string, residence: Residence): Promise<readonly string[]> {
  const faults: string[] = [];
  try {
    await askControl(url);
    const left = await remains(url);
    if (left.openQueries > 0) faults.push(`${left.openQueries} queries are open though nobody asks any more`);
    if (left.slabBytes > 0) faults.push(`${left.slabBytes} bytes of slabs are held though nobody asks any more`);
    if (left.replicaDeaths > 0) faults.push(`${left.replicaDeaths} replicas died`);
  } catch (error) {
    faults.push(`the broker does not serve any more: ${error instanceof Error ? error.message : String(error)}`);
  }
  const { growth } = residence;
  if (growth !== undefined) faults.push(growth);
  for (const fault of faults) say(fault);
  return faults;
}
