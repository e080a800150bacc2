import { DeadlineWheel } from '../dispatch/deadline-wheel.ts';
import type { Directory } from '../dispatch/directory.ts';
import { Gather, isMiss, type GatheredRow } from '../dispatch/gather.ts';
import type { Miss } from '../dispatch/row-task.ts';
import type { Answer, Failure } from '../domain/answer.ts';
import type { Clock, Micros } from '../domain/clock.ts';
import { Lateness } from '../domain/lateness.ts';
import { PRIORITIES } from '../domain/model.ts';
import type { AnswerSink, PredictPort, UnparsedQuery } from '../domain/ports.ts';
import type { Query } from '../domain/query.ts';
import type { SlabPool } from '../domain/slabs.ts';
import type { AppTable } from './selection/app-table.ts';
import type { App } from './selection/app.ts';
import { composePanel, joinVotes } from './ensemble/compose-panel.ts';
import { compose, composeMiss, releaseRows } from './ensemble/compose.ts';
import type { OwnReward } from './feedback/feedback.ts';
import { InnerApps } from './inner-apps.ts';
import { teachMisses } from './lessons.ts';
import { Panels, type Panel } from './ensemble/panel.ts';
import { armResult, keepsDecisions, needsDecisions } from './recorder.ts';
import { ANSWERED, outcomeOf } from './decisions/outcome.ts';
import { Seal, type SealParts } from './seal.ts';
import { explain, pinned, select, type Choice } from './selection/select.ts';

/** A turn of the loop, the next batch, which goes first, and the write of an answer take about as long. */
const WRITE_MICROS = 750;
/** How late timers come until some have come: Node's round to whole milliseconds. */
const FIRST_LATE_MICROS = 2_000;

interface Underway {
  readonly app: App;
  readonly query: Query;
  readonly choice: Choice;
  readonly decision: number;
  /** Of the one arm that was asked; undefined where several are. */
  readonly gather: Gather | undefined;
  readonly panel: Panel | undefined;
}

/**
 * The first use case: a query in, exactly one answer out, at the latest at its deadline.
 *
 *     submit → select → offer to the model's queue → … rows settle in the gather … → compose → sign → sink
 *                                                    or the wheel closes it at the deadline ↗
 *
 * Where the plan asks several arms at once, a panel stands in the place of the gather.
 */
export class Predict implements PredictPort {
  readonly #parts: PredictParts;
  readonly #wheel = new DeadlineWheel<Gather>();
  readonly #underway: (Underway | undefined)[] = [];
  /** To be answered at the end of this turn of the loop. */
  #finished: Gather[] = [];
  #open = 0;
  #draining = false;
  readonly #lateness = new Lateness({ firstMicros: FIRST_LATE_MICROS, leastMicros: WRITE_MICROS });
  #wakeAtMicros: Micros = Number.POSITIVE_INFINITY;
  #stopWake: () => void = () => undefined;

  readonly #seal: Seal;
  readonly #panels: Panels;
  readonly #inner: InnerApps;

  constructor(parts: PredictParts) {
    this.#parts = parts;
    this.#seal = new Seal(parts);
    this.#inner = new InnerApps({ ...parts, wheel: this.#wheel, seal: this.#seal });
    parts.apps.connect(this.#inner);
    this.#panels = new Panels({ wheel: this.#wheel, slabs: parts.slabs, now: () => parts.clock.now(), onDone: (panel) => this.#donePanel(panel) });
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
    const refusal = this.#refusal(app);
    if (refusal !== undefined) {
      this.#miss(query, app, { decision, miss: refusal });
      return;
    }
    const selection = query.pin === undefined
      ? select(app, query, { key: this.#parts.keys.draw, id: this.#parts.ids.bytes(decision), now: query.arrivedAtMicros, context: this.#seal.contextHash(app, query) })
      : pinned(app, query.pin, this.#parts.directory, { key: this.#parts.keys.draw, id: this.#parts.ids.bytes(decision), context: this.#seal.contextHash(app, query) });
    if ('failure' in selection) this.#refuse(query, selection.failure);
    else if ('miss' in selection) this.#miss(query, app, { decision, miss: selection.miss });
    else this.#ask(query, app, { decision, choice: selection.choice });
  }

  submitUnparsed({ reason, ...of }: UnparsedQuery): void {
    const app = this.#parts.apps.get(of.app);
    const sloMicros = (app?.spec.sloMs ?? 0) * 1000;
    const query: Query = { ...of, sloMicros, deadlineAtMicros: of.arrivedAtMicros + sloMicros, many: false, columns: [], batchKey: '', explain: false };
    if (app === undefined) this.#refuse(query, unknownApp(of.app));
    else this.#miss(query, app, { decision: this.#parts.ids.take(), miss: { reason } });
  }

  cancel(slot: number): void {
    const underway = this.#underway[slot];
    if (underway === undefined) return;
    this.#forget(slot);
    const { gather, panel, choice, query } = underway;
    if (panel !== undefined) this.#panels.cancel(panel);
    if (gather !== undefined) {
      gather.abandon();
      choice.target.cancel(gather);
      for (const row of gather.rows) if (row !== undefined && !isMiss(row)) releaseRows([row], this.#parts.slabs);
    }
    this.#release(query);
  }

  #refusal(app: App): Miss | undefined {
    if (this.#draining) return { reason: 'draining' };
    const reason = needsDecisions(app) ? this.#parts.journal.refusal(app.spec.name) : undefined;
    if (reason !== undefined) return { reason, retryAfterMs: 1000 };
    return this.#open >= this.#parts.maxOpen ? { reason: 'overloaded', retryAfterMs: 100 } : undefined;
  }

  #ask(query: Query, app: App, how: { decision: number; choice: Choice }): void {
    const { choice, decision } = how;
    app.meters.chosen(choice.arm, choice.pinned ? 'pinned' : 'policy');
    this.#open++;
    const closesAtMicros = this.#closesAt(query, app);
    if (choice.panel !== undefined) {
      this.#panels.ask({ app, query, choice, decision, closesAtMicros }, (panel) => {
        this.#underway[query.slot] = { app, query, choice, decision, gather: undefined, panel };
      });
      if (this.#panels.size > 0 && closesAtMicros < this.#wakeAtMicros) this.#wakeBy(closesAtMicros);
      return;
    }
    const { output, weight } = app.spec;
    const gather = new Gather(query, closesAtMicros, {
      read: app.reader(choice.target), output, decision, priority: query.priority ?? PRIORITIES.indexOf(app.spec.priority), weight, onDone: this.#done,
    });
    this.#underway[query.slot] = { app, query, choice, decision, gather, panel: undefined };
    this.#wheel.add(gather, query.arrivedAtMicros);
    choice.target.submit(gather);
    if (!gather.done && gather.expiresAtMicros < this.#wakeAtMicros) this.#wakeBy(gather.expiresAtMicros);
  }

  /** When it is answered whatever has come: early enough to be written on time, or at the bound of those who wait. */
  #closesAt(query: Query, app: App): Micros {
    if (app.spec.onMiss === 'wait') return query.arrivedAtMicros + Math.max(query.sloMicros, this.#parts.maxWaitMicros);
    return query.deadlineAtMicros - Math.min(this.#lateness.micros, Math.floor(query.sloMicros / 4));
  }

  /**
   * The gather has all that it will get. Where others wait for the replica it is answered once that has their batch: to sign
   * and write the answers of a batch takes a while, in which a container would have nothing to do.
   */
  readonly #done = (gather: Gather): void => {
    const underway = this.#underway[gather.query.slot];
    if (underway?.gather !== gather) return;
    this.#wheel.remove(gather);
    if (underway.choice.target.queuedRows > 0) this.#answerLater(gather);
    else this.#answer(gather);
  };

  #answerLater(gather: Gather): void {
    if (this.#finished.push(gather) === 1) this.#parts.clock.defer(this.#answerFinished);
  }

  readonly #answerFinished = (): void => {
    const finished = this.#finished;
    this.#finished = [];
    let answered = 0;
    try {
      for (const gather of finished) {
        answered++;
        this.#answer(gather);
      }
    } finally {
      // One that threw must not take the rest with it.
      for (const gather of finished.slice(answered)) this.#answerLater(gather);
    }
  };

  #answer(gather: Gather): void {
    const { slot } = gather.query;
    const underway = this.#underway[slot];
    // The caller may have left meanwhile.
    if (underway?.gather !== gather) return;
    this.#forget(slot);
    const { app, query, choice, decision } = underway;
    const outcome = outcomeOf(gather.rows, { isPinned: choice.pinned, whole: app.spec.onMiss !== 'default' });
    const decisionId = this.#seal.seal({
      app, query, decision, choice, outcome,
      asked: keepsDecisions(app) ? [armResult(choice, gather, choice)] : undefined,
    });
    if (outcome !== ANSWERED) this.#teach(underway, gather.rows);
    this.#give(underway, compose({ ...this.#head(query), decisionId }, app.spec, { gather, choice, slabs: this.#parts.slabs }));
  }

  #donePanel(panel: Panel): void {
    const underway = this.#underway[panel.query.slot];
    if (underway === undefined || underway.panel !== panel) return;
    this.#forget(panel.query.slot);
    const { app, query, choice, decision } = underway;
    const asked = panel.voters.map((member) => armResult(member, member.gather, choice));
    const joined = joinVotes(panel, this.#parts.slabs);
    this.#panels.answered(panel, joined.outputs);
    const decisionId = this.#seal.seal({
      app, query, decision, choice, outcome: outcomeOf(joined.rows, { whole: app.spec.onMiss !== 'default' }), asked: keepsDecisions(app) ? asked : undefined,
      ...(joined.confidences === undefined ? undefined : { joint: { outputs: joined.outputs, confidences: joined.confidences } }),
    });
    // An arm of several that is late is not charged for it: the answer did without, and a reward of its own would be the decision's only one.
    const [only] = panel.voters;
    if (panel.voters.length === 1 && only !== undefined) this.#teach(underway, only.gather.rows);
    this.#give(underway, composePanel({ ...this.#head(query), decisionId }, panel, { joined, slabs: this.#parts.slabs }));
  }

  #give({ app, query, choice }: Underway, composed: Answer): void {
    const answer = composed.ok && query.explain ? { ...composed, explanation: explain(app, choice) } : composed;
    app.meters.answered(answer, query);
    this.#release(query);
    this.#parts.sink.answer(answer);
  }

  #teach({ app, query, choice, decision }: Underway, rows: readonly (GatheredRow | undefined)[]): void {
    const { ids, clock, teach } = this.#parts;
    teachMisses({ app, choice, rows, id: () => ids.bytes(decision), atEpochMs: this.#seal.epochMs(query), now: clock.now(), said: query.context }, teach);
  }

  #forget(slot: number): void {
    const underway = this.#underway[slot];
    if (underway === undefined) return;
    this.#underway[slot] = undefined;
    this.#open--;
    if (underway.gather !== undefined) this.#wheel.remove(underway.gather);
  }

  /** The deadline has come: what is still queued is taken back, what is computing is no longer waited for. */
  readonly #close = (gather: Gather): void => {
    if (this.#panels.size > 0 && this.#panels.close(gather)) return;
    if (this.#inner.close(gather)) return;
    const underway = this.#underway[gather.query.slot];
    const queued = underway?.choice.target.cancel(gather) ?? 0;
    gather.missed(0, gather.count, { reason: queued > 0 ? 'expired_in_queue' : 'deadline_exceeded' });
  };

  #wakeBy(at: Micros): void {
    this.#stopWake();
    this.#wakeAtMicros = at;
    this.#stopWake = this.#parts.clock.wakeAt(at, this.#wake);
  }

  readonly #wake = (): void => {
    this.#lateness.woke(this.#wakeAtMicros, this.#parts.clock.now());
    this.#wakeAtMicros = Number.POSITIVE_INFINITY;
    this.#wheel.expire(this.#parts.clock.now(), this.#close);
    const next = this.#wheel.next();
    if (next < this.#wakeAtMicros) this.#wakeBy(next);
  };

  #refuse(query: Query, failure: Failure): void {
    this.#release(query);
    this.#parts.sink.answer({ ...this.#head(query), ok: false, failure });
  }

  #miss(query: Query, app: App, how: { decision: number; miss: Miss }): void {
    this.#release(query);
    const head = { ...this.#head(query), decisionId: this.#seal.sealMiss(app, query, how.decision) };
    const composed = composeMiss(head, app.spec, { miss: how.miss, rows: query.rows });
    const answer = composed.ok && query.explain ? { ...composed, explanation: explain(app, undefined) } : composed;
    app.meters.answered(answer, query);
    this.#parts.sink.answer(answer);
  }

  #release(query: Query): void {
    for (const column of query.columns) this.#parts.slabs.release(column.slab);
  }

  #head({ slot, arrivedAtMicros }: Query): { slot: number; latencyMicros: Micros } {
    return { slot, latencyMicros: this.#parts.clock.now() - arrivedAtMicros };
  }
}

function unknownApp(name: string): Failure {
  return { code: 'unknown_app', message: `There is no app "${name}".` };
}

export interface PredictParts extends SealParts {
  readonly apps: AppTable;
  readonly directory: Directory;
  readonly clock: Clock;
  readonly slabs: SlabPool;
  /** Takes a reward that the broker gives itself, for an arm that erred or was late. */
  readonly teach: (own: OwnReward) => unknown;
  /** Most queries that may wait for an answer at once. */
  readonly maxOpen: number;
  /** How long a query of an app with `on_miss: wait` is kept. */
  readonly maxWaitMicros: number;
  readonly sink: AnswerSink;
}
