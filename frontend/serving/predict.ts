import { DeadlineWheel } from '../dispatch/deadline-wheel.ts';
import type { Directory } from '../dispatch/directory.ts';
import { Gather, isMiss, type Miss } from '../dispatch/gather.ts';
import type { Failure } from '../domain/answer.ts';
import type { Clock, Micros } from '../domain/clock.ts';
import type { ErrorCode } from '../domain/errors.ts';
import type { AnswerSink, PredictPort } from '../domain/ports.ts';
import type { Query } from '../domain/query.ts';
import type { SlabPool } from '../domain/slabs.ts';
import type { AppTable } from './app-table.ts';
import type { App } from './app.ts';
import { compose, composeMiss, releaseRows, type AnswerHead } from './compose.ts';
import type { DecisionIds, DerivedKeys, Receipts } from './receipt.ts';
import { explain, pinned, select, type Choice } from './select.ts';

/** What writing an answer out takes at most, by experience with timers that are a millisecond late. */
const MARGIN_MICROS = 2_000;
const NO_CONTEXT = new Uint8Array(8);

interface Underway {
  readonly app: App;
  readonly choice: Choice;
  readonly decision: number;
  readonly gather: Gather;
}

/**
 * The first use case: a query in, exactly one answer out, at the latest at its deadline.
 *
 *     submit → select → offer to the model's queue → … rows settle in the gather … → compose → sign → sink
 *                                                    or the wheel closes it at the deadline ↗
 */
export class Predict implements PredictPort {
  readonly #parts: PredictParts;
  readonly #wheel = new DeadlineWheel<Gather>();
  readonly #underway: (Underway | undefined)[] = [];
  #open = 0;
  #draining = false;
  #wakeAtMicros: Micros = Number.POSITIVE_INFINITY;
  #stopWake: () => void = () => undefined;

  constructor(parts: PredictParts) {
    this.#parts = parts;
  }

  /** Queries that wait for their answer. */
  get open(): number {
    return this.#open;
  }

  /** From now on every query is missed as `draining`; those under way go on. */
  drain(): void {
    this.#draining = true;
  }

  submit(query: Query): void {
    const app = this.#parts.apps.get(query.app);
    if (app === undefined) {
      this.#refuse(query, unknownApp(query.app));
      return;
    }
    const decision = this.#parts.ids.take();
    const refusal = this.#refusal();
    if (refusal !== undefined) {
      this.#miss(query, app, { decision, miss: refusal });
      return;
    }
    const selection = query.pin === undefined
      ? select(app, query, { key: this.#parts.keys.draw, id: this.#parts.ids.bytes(decision), now: query.arrivedAtMicros })
      : pinned(app, query.pin, this.#parts.directory);
    if ('failure' in selection) this.#refuse(query, selection.failure);
    else if ('miss' in selection) this.#miss(query, app, { decision, miss: selection.miss });
    else this.#ask(query, app, { decision, choice: selection.choice });
  }

  submitUnparsed(slot: number, name: string, arrivedAtMicros: Micros, reason: ErrorCode): void {
    const app = this.#parts.apps.get(name);
    const head = this.#head({ slot, arrivedAtMicros }, undefined);
    if (app === undefined) {
      this.#parts.sink.answer({ ...head, ok: false, failure: unknownApp(name) });
      return;
    }
    const answer = composeMiss(head, app.spec, { miss: { reason }, rows: 1 });
    app.meters.answered(answer, app.spec.sloMs * 1000);
    this.#parts.sink.answer(answer);
  }

  cancel(slot: number): void {
    const underway = this.#underway[slot];
    if (underway === undefined) return;
    this.#forget(slot);
    const { gather, choice } = underway;
    gather.abandon();
    choice.queue.cancel(gather);
    for (const row of gather.rows) if (row !== undefined && !isMiss(row)) releaseRows([row], this.#parts.slabs);
    this.#release(gather.query);
  }

  #refusal(): Miss | undefined {
    if (this.#draining) return { reason: 'draining' };
    return this.#open >= this.#parts.maxOpen ? { reason: 'overloaded', retryAfterMs: 100 } : undefined;
  }

  #ask(query: Query, app: App, how: { decision: number; choice: Choice }): void {
    const gather = new Gather(query, this.#closesAt(query, app), { read: app.reader(how.choice.queue), onDone: this.#done });
    this.#underway[query.slot] = { app, choice: how.choice, decision: how.decision, gather };
    this.#open++;
    this.#wheel.add(gather, query.arrivedAtMicros);
    how.choice.queue.submit(gather);
    if (!gather.done && gather.expiresAtMicros < this.#wakeAtMicros) this.#wakeBy(gather.expiresAtMicros);
  }

  /** When it is answered whatever has come: early enough to be written on time, or at the bound of those who wait. */
  #closesAt(query: Query, app: App): Micros {
    if (app.spec.onMiss === 'wait') return query.arrivedAtMicros + Math.max(query.sloMicros, this.#parts.maxWaitMicros);
    return query.deadlineAtMicros - Math.min(MARGIN_MICROS, Math.floor(query.sloMicros / 4));
  }

  readonly #done = (gather: Gather): void => {
    const { slot } = gather.query;
    const underway = this.#underway[slot];
    if (underway === undefined || underway.gather !== gather) return;
    this.#forget(slot);
    const { app, choice } = underway;
    const head = this.#head(gather.query, { app, decision: underway.decision, choice });
    const composed = compose(head, app.spec, { gather, choice, slabs: this.#parts.slabs });
    const answer = composed.ok && gather.query.explain ? { ...composed, explanation: explain(app, choice) } : composed;
    app.meters.answered(answer, gather.query.sloMicros);
    this.#release(gather.query);
    this.#parts.sink.answer(answer);
  };

  #forget(slot: number): void {
    const underway = this.#underway[slot];
    if (underway === undefined) return;
    this.#underway[slot] = undefined;
    this.#open--;
    this.#wheel.remove(underway.gather);
  }

  /** The deadline has come: what is still queued is taken back, what is computing is no longer waited for. */
  readonly #close = (gather: Gather): void => {
    const underway = this.#underway[gather.query.slot];
    const queued = underway?.choice.queue.cancel(gather) ?? 0;
    gather.missed(0, gather.count, { reason: queued > 0 ? 'expired_in_queue' : 'deadline_exceeded' });
  };

  #wakeBy(at: Micros): void {
    this.#stopWake();
    this.#wakeAtMicros = at;
    this.#stopWake = this.#parts.clock.wakeAt(at, this.#wake);
  }

  readonly #wake = (): void => {
    this.#wakeAtMicros = Number.POSITIVE_INFINITY;
    this.#wheel.expire(this.#parts.clock.now(), this.#close);
    const next = this.#wheel.next();
    if (next < this.#wakeAtMicros) this.#wakeBy(next);
  };

  #refuse(query: Query, failure: Failure): void {
    this.#release(query);
    this.#parts.sink.answer({ ...this.#head(query, undefined), ok: false, failure });
  }

  #miss(query: Query, app: App, how: { decision: number; miss: Miss }): void {
    this.#release(query);
    const head = this.#head(query, { app, decision: how.decision, choice: undefined });
    const composed = composeMiss(head, app.spec, { miss: how.miss, rows: query.rows });
    const answer = composed.ok && query.explain ? { ...composed, explanation: explain(app, undefined) } : composed;
    app.meters.answered(answer, query.sloMicros);
    this.#parts.sink.answer(answer);
  }

  #release(query: Query): void {
    for (const column of query.columns) this.#parts.slabs.release(column.slab);
  }

  #head(query: Pick<Query, 'slot' | 'arrivedAtMicros'> & Partial<Query>, decided: { app: App; decision: number; choice: Choice | undefined } | undefined): AnswerHead {
    const latencyMicros = this.#parts.clock.now() - query.arrivedAtMicros;
    if (decided === undefined) return { slot: query.slot, latencyMicros };
    const { app, choice } = decided;
    const context = app.spec.contextKey === undefined ? undefined : query.context?.[app.spec.contextKey];
    const decisionId = this.#parts.receipts.sign({
      id: this.#parts.ids.bytes(decided.decision),
      app: app.fingerprint,
      action: choice?.action ?? 0,
      propensity: choice?.propensity ?? 0,
      context: context === undefined ? NO_CONTEXT : this.#parts.keys.hashContext(JSON.stringify(context)),
      atEpochMs: Math.floor((query.arrivedAtMicros + this.#parts.epochOffsetMicros) / 1000),
      journal: 'none',
      pinned: choice?.pinned ?? false,
      rows: query.rows ?? 1,
    });
    return { slot: query.slot, latencyMicros, decisionId };
  }
}

function unknownApp(name: string): Failure {
  return { code: 'unknown_app', message: `There is no app "${name}".` };
}

export interface PredictParts {
  readonly apps: AppTable;
  readonly directory: Directory;
  readonly clock: Clock;
  readonly slabs: SlabPool;
  readonly receipts: Receipts;
  readonly ids: DecisionIds;
  readonly keys: DerivedKeys;
  /** Epoch microseconds less the clock's. */
  readonly epochOffsetMicros: number;
  /** Most queries that may wait for an answer at once. */
  readonly maxOpen: number;
  /** How long a query of an app with `on_miss: wait` is kept. */
  readonly maxWaitMicros: number;
  readonly sink: AnswerSink;
}
