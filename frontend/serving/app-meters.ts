import type { Answer } from '../domain/answer.ts';
import type { Cell, Meter } from '../domain/meter.ts';

/** What an app's answers are counted by. */
export class AppMeters {
  readonly #meter: Meter;
  readonly #app: string;
  readonly #latency: Cell;
  readonly #onTime: Cell;
  readonly #late: Cell;
  readonly #requests = new Map<string, Cell>();
  readonly #byModel: Cell;

  constructor(meter: Meter, app: string) {
    this.#meter = meter;
    this.#app = app;
    this.#latency = meter.cell('tradewind_request_seconds', { app });
    this.#onTime = meter.cell('tradewind_slo_total', { app, outcome: 'on_time' });
    this.#late = meter.cell('tradewind_slo_total', { app, outcome: 'late' });
    this.#byModel = this.#requestCell('model', '');
  }

  /** Goodput is what a model answered on time; a default is never on time for the SLO, however early it was. */
  answered(answer: Answer, sloMicros: number): void {
    this.#meter.observe(this.#latency, answer.latencyMicros);
    const source = answer.ok ? answer.source : 'error';
    const reason = answer.ok ? answer.reason : answer.failure.code;
    this.#meter.add(source === 'model' && reason === undefined ? this.#byModel : this.#requestCell(source, reason ?? ''), 1);
    const good = source === 'model' || source === 'ensemble';
    this.#meter.add(good && answer.latencyMicros <= sloMicros ? this.#onTime : this.#late, 1);
  }

  forget(): void {
    this.#meter.forget({ app: this.#app });
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
