/** What the doctor says of one thing. `bad`: the broker cannot run so, or not as it promises. */
export interface Finding {
  readonly check: string;
  readonly verdict: 'good' | 'doubtful' | 'bad';
  /** One sentence; what to do about it where something is wrong. */
  readonly says: string;
}

export function good(check: string, says: string): Finding {
  return { check, verdict: 'good', says };
}

export function doubtful(check: string, says: string): Finding {
  return { check, verdict: 'doubtful', says };
}

export function bad(check: string, says: string): Finding {
  return { check, verdict: 'bad', says };
}
