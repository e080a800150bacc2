import type { Answer } from '../../domain/answer.ts';
import type { Micros } from '../../domain/clock.ts';
import type { Cell, Meter } from '../../domain/meter.ts';

/** What an app's answers are counted by. */
export class AppMeters {
  readonly #meter: Meter;
  readonly #app: string;
  readonly #latency: Cell;
  readonly #onTime: Cell;
  readonly #late: Cell;
  readonly #requests = new Map<string, Cell>();
  readonly #chosen = { policy: new Map<string, Cell>(), pinned: new Map<string, Cell>() };
  readonly #hands = new Map<string, Cell>();
  readonly #shadows = new Map<string, Cell>();
  readonly #byModel: Cell;
  /** The app is gone: what its last queries come to would make series that nobody forgets. */
  #gone = false;
  /** Answers with outputs and the rows in them, and answers without, since the app was opened. */
  readonly totals = { success: { count: 0, micros: 0 }, fail: { count: 0, micros: 0 }, rows: 0, lastAtMicros: 0 };

  constructor(meter: Meter, app: string) {
    this.#meter = meter;
    this.#app = app;
    this.#latency = meter.cell('tradewind_request_seconds', { app });
    this.#onTime = meter.cell('tradewind_slo_total', { app, outcome: 'on_time' });
    this.#late = meter.cell('tradewind_slo_total', { app, outcome: 'late' });
    this.#byModel = this.#requestCell('model', '');
  }

  /** Goodput is what a model answered on time; a default is never on time for the SLO, however early it was. */
  answered(answer: Answer, { arrivedAtMicros, sloMicros, rows }: { readonly arrivedAtMicros: Micros; readonly sloMicros: number; readonly rows: number }): void {
    if (this.#gone) return;
    this.#meter.observe(this.#latency, answer.latencyMicros);
    const total = answer.ok ? this.totals.success : this.totals.fail;
    total.count++;
    total.micros += answer.latencyMicros;
    if (answer.ok) {
      this.totals.rows += rows;
      this.totals.lastAtMicros = arrivedAtMicros + answer.latencyMicros;
    }
    const source = answer.ok ? answer.source : 'error';
    const reason = answer.ok ? answer.reason : answer.failure.code;
    this.#meter.add(source === 'model' && reason === undefined ? this.#byModel : this.#requestCell(source, reason ?? ''), 1);
    const good = source === 'model' || source === 'ensemble';
    this.#meter.add(good && answer.latencyMicros <= sloMicros ? this.#onTime : this.#late, 1);
  }

  /** An arm was chosen, or pinned by the caller. */
  chosen(arm: string, mode: 'policy' | 'pinned'): void {
    if (this.#gone) return;
    const cells = this.#chosen[mode];
    let cell = cells.get(arm);
    if (cell === undefined) {
      cell = this.#meter.cell('tradewind_decisions_total', { app: this.#app, arm, mode });
      cells.set(arm, cell);
    }
    this.#meter.add(cell, 1);
  }

  /** What a shadow arm said beside the answer. */
  shadow(arm: string, outcome: 'agreed' | 'differed' | 'missed'): void {
    if (!this.#gone) this.#meter.add(this.#shadow('tradewind_shadow_total', { arm, outcome }), 1);
  }

  shadowTook(arm: string, micros: number): void {
    if (!this.#gone) this.#meter.observe(this.#shadow('tradewind_shadow_seconds', { arm }), micros);
  }

  /** Whose hands are on the app: the keys of its steering. */
  steered(hands: ReadonlySet<string>): void {
    if (this.#gone) return;
    for (const hand of hands) this.#hands.set(hand, this.#hands.get(hand) ?? this.#meter.cell('tradewind_steered', { app: this.#app, hand }));
    for (const [hand, cell] of this.#hands) this.#meter.set(cell, hands.has(hand) ? 1 : 0);
  }

  /** The app is gone: its series go with it, and nothing is counted any more. */
  forget(): void {
    this.#gone = true;
    this.#meter.forget({ app: this.#app });
  }

  #shadow(metric: string, labels: { arm: string; outcome?: string }): Cell {
    const key = `${labels.arm} ${labels.outcome ?? ''}`;
    let cell = this.#shadows.get(key);
    if (cell === undefined) {
      cell = this.#meter.cell(metric, { app: this.#app, ...labels });
      this.#shadows.set(key, cell);
    }
    return cell;
  }

  #requestCell(source: string, reason: string): Cell {
    const key = `${source} ${reason}`;
    let cell = this.#requests.get(key);
    if (cell === undefined) {
      cell = this.#meter.cell('tradewind_requests_total', { app: this.#app, source, reason });
      this.#requests.set(key, cell);
    }
    return cell;
  }
}
