export interface Standing {
  /** Epoch milliseconds. */
  readonly untilMs: number;
  /** Tracks to which nothing came from when they were saved until then, by their names in the store. */
  readonly names: ReadonlySet<string>;
}

const NOBODY: Standing = Object.freeze({ untilMs: 0, names: new Set<string>() });

export function writeStanding({ untilMs, names }: Standing): Uint8Array {
  return Buffer.from(JSON.stringify({ untilMs, names: [...names] }));
}

/** Nobody, where there is no record, it is damaged, or it speaks of a time to come: the machine's clock was set back. */
export function readStanding(record: Uint8Array | undefined, nowMs: number): Standing {
  if (record === undefined) return NOBODY;
  try {
    const { untilMs, names } = JSON.parse(new TextDecoder().decode(record)) as { untilMs: unknown; names: readonly unknown[] };
    if (typeof untilMs !== 'number' || !(untilMs >= 0 && untilMs <= nowMs)) return NOBODY;
    return { untilMs, names: new Set(names.filter((name) => typeof name === 'string')) };
  } catch {
    return NOBODY;
  }
}
