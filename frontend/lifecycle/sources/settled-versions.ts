import type { FoundVersion, Scan } from './scan.ts';

/** A version that was taken as it lay in its folder then. */
interface Seen {
  readonly print: string;
  readonly isTaken: boolean;
  /** It was written to after it had been taken; said once. */
  readonly isChanged: boolean;
}

/** What a look at a source comes to. */
export interface Look {
  /** model → the versions that are there, whole. */
  readonly taken: ReadonlyMap<string, readonly FoundVersion[]>;
  /** Folders of versions that are being written. */
  readonly settling: readonly string[];
  /** Folders of versions that were written to after they had been taken. */
  readonly rewritten: readonly string[];
  /** The source held versions and holds none: that is taken for a fault, and what it held stays. */
  readonly isEmptied: boolean;
}

/**
 * Which of the versions in a folder are whole, from one look to the next. A version is taken when its files are as they were
 * at the look before, or when nothing in it has changed for `settleMs` by the file system's clock. Once taken it is taken as
 * long as its folder is there. A model of which the folder is there without a version keeps those it had, and so does a whole
 * source that is empty all of a sudden: only what is left out beside others goes.
 */
export class SettledVersions {
  readonly #settleMs: number;
  #seen = new Map<string, Seen>();
  #taken: ReadonlyMap<string, readonly FoundVersion[]> = new Map();

  constructor(settleMs: number) {
    this.#settleMs = settleMs;
  }

  /** Versions that were taken and are still there, by folder. */
  get known(): ReadonlyMap<string, FoundVersion> {
    return new Map([...this.#taken.values()].flat().map((version) => [version.folder, version] as const));
  }

  /** What lies in the folder cannot be served as it is: when it changes, it has to stand still again before it is taken. */
  refuse({ folder }: Pick<FoundVersion, 'folder'>): void {
    const seen = this.#seen.get(folder);
    if (seen !== undefined) this.#seen.set(folder, { ...seen, isTaken: false });
    const left = [...this.#taken].map(([name, versions]) => [name, versions.filter((version) => version.folder !== folder)] as const);
    this.#taken = new Map(left.filter(([, versions]) => versions.length > 0));
  }

  look(scan: Scan, nowEpochMs: number): Look {
    const isEmptied = this.#taken.size > 0 && scan.models.every(({ versions }) => versions.length === 0);
    if (isEmptied) return { taken: this.#taken, settling: [], rewritten: [], isEmptied };
    const seen = new Map<string, Seen>();
    const rewritten: string[] = [];
    const taken = new Map<string, readonly FoundVersion[]>();
    for (const { name, versions } of scan.models) {
      for (const version of versions) {
        const before = this.#seen.get(version.folder);
        const now = judge(version, before, nowEpochMs - this.#settleMs);
        if (now.isChanged && before?.isChanged === false) rewritten.push(version.folder);
        seen.set(version.folder, now);
      }
      const whole = versions.filter(({ folder }) => seen.get(folder)?.isTaken === true);
      const kept = versions.length === 0 ? this.#taken.get(name) ?? [] : whole;
      if (kept.length > 0) taken.set(name, kept);
    }
    this.#seen = seen;
    this.#taken = taken;
    return { taken, settling: [...seen].filter(([, { isTaken }]) => !isTaken).map(([folder]) => folder), rewritten, isEmptied };
  }
}

function judge({ print, changedEpochMs }: FoundVersion, before: Seen | undefined, settledEpochMs: number): Seen {
  if (before?.isTaken === true) return { print: before.print, isTaken: true, isChanged: before.print !== print };
  return { print, isTaken: print !== '' && (before?.print === print || changedEpochMs <= settledEpochMs), isChanged: false };
}
