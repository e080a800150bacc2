/** A task of one row, on time if its batch starts no earlier than `arrival` and ends no later than `deadline`. */
export interface TinyTask {
  readonly arrival: number;
  readonly deadline: number;
}
/** Does one batch at a time; `law` gives its time by the rows. */
export interface TinyReplica {
  readonly law: (rows: number) => number;
  readonly maxRows: number;
  readonly freeAt: number;
}

/**
 * The most tasks that any schedule finishes on time, by trying all of them: every set of tasks as the next batch of every
 * replica, in every order. Nothing is assumed of an optimum. For tiny cases: the states are 2^tasks × times.
 */
export function bestSchedule(tasks: readonly TinyTask[], replicas: readonly TinyReplica[]): number {
  const known = new Map<string, number>();
  const best = (left: number, freeAt: readonly number[]): number => {
    const key = `${left}/${freeAt.join()}`;
    let most = known.get(key) ?? -1;
    if (most >= 0) return most;
    most = 0;
    replicas.forEach((replica, r) => {
      for (let set = left; set > 0; set = (set - 1) & left) {
        const members = tasks.filter((_, i) => (set >> i) & 1);
        if (members.length > replica.maxRows) continue;
        const start = Math.max(freeAt[r] ?? 0, ...members.map(({ arrival }) => arrival));
        const end = start + replica.law(members.length);
        if (members.every(({ deadline }) => end <= deadline)) most = Math.max(most, members.length + best(left & ~set, freeAt.with(r, end)));
      }
    });
    known.set(key, most);
    return most;
  };
  return best(2 ** tasks.length - 1, replicas.map(({ freeAt }) => freeAt));
}
