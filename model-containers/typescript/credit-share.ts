/**
 * Who may send how many batches. Over all brokers together never more credits are out than `total`; each broker gets
 * up to an equal share, rounded up. A broker that comes when all are out waits until another has more than its share,
 * or leaves. Credits are counted from their grant until the batch they were spent on is done.
 */
export class CreditShare<Broker> {
  readonly #total: number;
  readonly #held = new Map<Broker, number>();
  #free: number;
  readonly #expected: number;

  /** `expected` brokers will come: shares are reckoned as if all were there. */
  constructor(total: number, expected = 1) {
    this.#total = total;
    this.#free = total;
    this.#expected = expected;
  }

  /** Credits for a broker that has just come. */
  join(broker: Broker): number {
    this.#held.set(broker, 0);
    return this.#take(broker);
  }

  /** A batch of this broker is done: how many credits go to whom, itself perhaps. */
  done(broker: Broker): readonly { readonly broker: Broker; readonly n: number }[] {
    this.#free++;
    const held = this.#held.get(broker);
    if (held === undefined) return this.#spread();
    this.#held.set(broker, held - 1);
    // It comes first at equal need: its next batch is likely waiting.
    const n = this.#take(broker);
    if (n === 0) return this.#spread();
    return this.#free === 0 ? [{ broker, n }] : [{ broker, n }, ...this.#spread()];
  }

  /** A broker has left, with `computing` batches still under way: they hold their credits until `done`. */
  leave(broker: Broker, computing: number): readonly { readonly broker: Broker; readonly n: number }[] {
    const held = this.#held.get(broker);
    if (held === undefined) return [];
    this.#held.delete(broker);
    this.#free += held - computing;
    return this.#spread();
  }

  #share(): number {
    return Math.ceil(this.#total / Math.max(this.#held.size, this.#expected));
  }

  #take(broker: Broker): number {
    const held = this.#held.get(broker) ?? 0;
    const n = Math.max(0, Math.min(this.#free, this.#share() - held));
    this.#free -= n;
    this.#held.set(broker, held + n);
    return n;
  }

  #spread(): { broker: Broker; n: number }[] {
    if (this.#free === 0) return [];
    const grants: { broker: Broker; n: number }[] = [];
    for (const broker of [...this.#held.keys()].toSorted((a, b) => (this.#held.get(a) ?? 0) - (this.#held.get(b) ?? 0))) {
      const n = this.#take(broker);
      if (n > 0) grants.push({ broker, n });
    }
    return grants;
  }
}
