import type { StoreTrouble } from '../../domain/feedback.ts';
import type { Cell, Meter } from '../../domain/meter.ts';

/** What feedback is counted by; each cell is looked up once. */
export class FeedbackMeters {
  readonly #meter: Meter;
  readonly #cells = new Map<string, Map<string, Cell>>();

  constructor(meter: Meter) {
    this.#meter = meter;
  }

  /** `app` is empty where nobody can say. */
  verdict(app: string, verdict: string): void {
    this.#meter.add(this.#cell(app, verdict, () => this.#meter.cell('tradewind_feedback_total', { app, verdict })), 1);
  }

  durable(app: string, micros: number): void {
    this.#meter.observe(this.#cell(app, 'seconds', () => this.#meter.cell('tradewind_feedback_seconds', { app })), micros);
  }

  own(app: string, cause: 'miss' | 'silence' | 'dropped'): void {
    this.#meter.add(this.#cell(app, `own ${cause}`, () => this.#meter.cell('tradewind_feedback_own_total', { app, cause })), 1);
  }

  journal(app: string, outcome: 'kept' | 'dropped' | 'lost', decisions: number): void {
    this.#meter.add(this.#cell(app, `journal ${outcome}`, () => this.#meter.cell('tradewind_journal_total', { app, outcome })), decisions);
  }

  policyFault(app: string): void {
    this.#meter.add(this.#cell(app, 'policy fault', () => this.#meter.cell('tradewind_policy_faults_total', { app })), 1);
  }

  storeFault(trouble: StoreTrouble): void {
    this.#meter.add(this.#cell('', `store ${trouble}`, () => this.#meter.cell('tradewind_store_faults_total', { trouble })), 1);
  }

  /** Of these apps only; the series of others have been forgotten with them. */
  keep(apps: ReadonlySet<string>): void {
    for (const app of this.#cells.keys()) if (app !== '' && !apps.has(app)) this.#cells.delete(app);
  }

  #cell(app: string, what: string, find: () => Cell): Cell {
    let of = this.#cells.get(app);
    if (of === undefined) {
      of = new Map();
      this.#cells.set(app, of);
    }
    let cell = of.get(what);
    if (cell === undefined) {
      cell = find();
      of.set(what, cell);
    }
    return cell;
  }
}
