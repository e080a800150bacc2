import type { StoreTrouble } from '../../domain/feedback.ts';
import type { Cell, Meter } from '../../domain/meter.ts';

/** What feedback is counted by; each cell is looked up once. */
export class FeedbackMeters {
  readonly #meter: Meter;
  readonly #cells = new Map<string, Map<string, Cell>>();
  /** Undefined until somebody says which they are. */
  #apps: ReadonlySet<string> | undefined;

  constructor(meter: Meter) {
    this.#meter = meter;
  }

  /** `app` is empty where nobody can say. */
  verdict(app: string, verdict: string): void {
    this.#add(app, verdict, () => this.#meter.cell('tradewind_feedback_total', { app, verdict }));
  }

  durable(app: string, micros: number): void {
    const cell = this.#cell(app, 'seconds', () => this.#meter.cell('tradewind_feedback_seconds', { app }));
    if (cell !== undefined) this.#meter.observe(cell, micros);
  }

  own(app: string, cause: 'miss' | 'silence' | 'dropped'): void {
    this.#add(app, `own ${cause}`, () => this.#meter.cell('tradewind_feedback_own_total', { app, cause }));
  }

  journal(app: string, outcome: 'kept' | 'dropped' | 'lost', decisions: number): void {
    this.#add(app, `journal ${outcome}`, () => this.#meter.cell('tradewind_journal_total', { app, outcome }), decisions);
  }

  policyFault(app: string): void {
    this.#add(app, 'policy fault', () => this.#meter.cell('tradewind_policy_faults_total', { app }));
  }

  storeFault(trouble: StoreTrouble): void {
    this.#add('', `store ${trouble}`, () => this.#meter.cell('tradewind_store_faults_total', { trouble }));
  }

  /** Of these apps only; the series of others have been forgotten with them, and what is still under way of those is not counted. */
  keep(apps: ReadonlySet<string>): void {
    this.#apps = apps;
    for (const app of this.#cells.keys()) if (app !== '' && !apps.has(app)) this.#cells.delete(app);
  }

  #add(app: string, what: string, find: () => Cell, by = 1): void {
    const cell = this.#cell(app, what, find);
    if (cell !== undefined) this.#meter.add(cell, by);
  }

  /** Undefined of an app that is gone. */
  #cell(app: string, what: string, find: () => Cell): Cell | undefined {
    if (app !== '' && this.#apps?.has(app) === false) return undefined;
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
