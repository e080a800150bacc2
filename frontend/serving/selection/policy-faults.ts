import type { Clock, Micros } from '../../domain/clock.ts';
import type { Log } from '../../domain/log.ts';
import type { Meter } from '../../domain/meter.ts';

/** A fault of one app's policy is logged at most this often. */
const LOG_MICROS: Micros = 1_000_000;

/** Counts and logs what policies do wrong while they choose; the queries go on without them. */
export class PolicyFaults {
  readonly #parts: { readonly clock: Clock; readonly meter: Meter; readonly log: Log };
  readonly #logAt = new Map<string, Micros>();

  constructor(parts: { clock: Clock; meter: Meter; log: Log }) {
    this.#parts = parts;
  }

  readonly report = (app: string, fault: string): void => {
    const { clock, meter, log } = this.#parts;
    meter.add(meter.cell('tradewind_policy_faults_total', { app }), 1);
    const now = clock.now();
    if (now < (this.#logAt.get(app) ?? 0)) return;
    this.#logAt.set(app, now + LOG_MICROS);
    log.warn({ app, fault }, 'the policy failed; arms that may be asked share the traffic evenly');
  };

  /** Of these apps only. */
  keep(apps: Readonly<Record<string, unknown>>): void {
    for (const app of this.#logAt.keys()) if (apps[app] === undefined) this.#logAt.delete(app);
  }
}
