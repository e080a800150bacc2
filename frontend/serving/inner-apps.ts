import type { DeadlineWheel } from '../dispatch/deadline-wheel.ts';
import { Gather, isMiss, type GatheredRow } from '../dispatch/gather.ts';
import type { Miss } from '../dispatch/row-task.ts';
import type { Clock } from '../domain/clock.ts';
import type { DecisionJournal } from '../domain/journal.ts';
import type { Query } from '../domain/query.ts';
import type { SlabPool } from '../domain/slabs.ts';
import { joinVotes } from './ensemble/compose-panel.ts';
import { releaseRows } from './ensemble/compose.ts';
import { Panels, type Panel } from './ensemble/panel.ts';
import { restated } from './ensemble/restated.ts';
import type { DecisionIds, DerivedKeys } from './decisions/receipt.ts';
import { ANSWERED, outcomeOf } from './decisions/outcome.ts';
import type { OwnReward } from './feedback/feedback.ts';
import { teachMisses } from './lessons.ts';
import { armResult, keepsDecisions, needsDecisions } from './recorder.ts';
import type { Seal, Sealed } from './seal.ts';
import type { AppTable } from './selection/app-table.ts';
import type { App } from './selection/app.ts';
import { answererOf, type InnerAsker } from './selection/arm-target.ts';
import { select, type Choice } from './selection/select.ts';

export interface InnerAppsParts {
  readonly apps: AppTable;
  readonly wheel: DeadlineWheel<Gather>;
  readonly slabs: SlabPool;
  readonly clock: Clock;
  readonly seal: Seal;
  readonly ids: DecisionIds;
  readonly keys: DerivedKeys;
  readonly journal: DecisionJournal;
  readonly teach: (own: OwnReward) => unknown;
}

/** A query that an app was asked as an arm of another: `outer` is what that one gathers. */
interface Underway {
  readonly outer: Gather;
  readonly app: App;
  readonly query: Query;
  readonly choice: Choice;
  readonly decision: number;
  /** Of its own arm; undefined where it asks several. */
  readonly gather: Gather | undefined;
  panel: Panel | undefined;
}

/**
 * Apps as arms of apps. The inner app takes a decision of its own inside the deadline of the outer one:
 *
 *     outer gather → select → offer to the arm's queue, or a panel → settled, or the outer deadline → sign, record → rows back
 *
 * What none of its arms answered is a miss of the arm: no default of the inner app is given as if it were an answer.
 */
export class InnerApps implements InnerAsker {
  readonly #parts: InnerAppsParts;
  readonly #panels: Panels;
  readonly #byOuter = new Map<Gather, Underway>();
  readonly #byGather = new Map<Gather, Underway>();
  readonly #byPanel = new Map<Panel, Underway>();

  constructor(parts: InnerAppsParts) {
    this.#parts = parts;
    this.#panels = new Panels({ wheel: parts.wheel, slabs: parts.slabs, now: () => parts.clock.now(), onDone: (panel) => this.#donePanel(panel) });
  }

  submit(name: string, outer: Gather): void {
    const { apps, clock, ids, keys, journal, seal } = this.#parts;
    const app = apps.get(name);
    const refusal = app === undefined ? 'no_replica' : needsDecisions(app) ? journal.refusal(name) : undefined;
    if (app === undefined || refusal !== undefined) return outer.missed(0, outer.count, { reason: refusal ?? 'no_replica' });
    const decision = ids.take();
    const now = clock.now();
    const { pin: _, ...asked } = outer.query;
    const query: Query = { ...asked, app: name, sloMicros: Math.max(0, outer.deadlineAtMicros - now), deadlineAtMicros: outer.deadlineAtMicros, explain: false };
    const selection = select(app, query, { key: keys.draw, id: ids.bytes(decision), now, context: seal.contextHash(app, query) });
    if (!('choice' in selection)) return outer.missed(0, outer.count, 'miss' in selection ? selection.miss : { reason: 'no_replica' });
    this.#ask({ outer, app, query, choice: selection.choice, decision });
  }

  cancel(outer: Gather): number {
    const underway = this.#byOuter.get(outer);
    if (underway === undefined) return 0;
    const { gather, panel, choice } = underway;
    if (!outer.done) {
      if (panel !== undefined) this.#panels.expire(panel);
      return gather === undefined ? 0 : close(gather, choice);
    }
    // Its caller went away: nobody is told.
    this.#forget(underway);
    if (panel !== undefined) this.#panels.cancel(panel);
    if (gather !== undefined) {
      gather.abandon();
      choice.target.cancel(gather);
      releaseRows(gather.rows.map((row) => (row === undefined || isMiss(row) ? undefined : row)), this.#parts.slabs);
    }
    return 0;
  }

  /** The deadline has come for an arm of one of the inner panels. False where it is none of them. */
  close(gather: Gather): boolean {
    return this.#panels.size > 0 && this.#panels.close(gather);
  }

  #ask(of: Omit<Underway, 'gather' | 'panel'>): void {
    const { outer, app, query, choice, decision } = of;
    app.meters.chosen(choice.arm, 'policy');
    if (choice.panel !== undefined) {
      const underway: Underway = { ...of, gather: undefined, panel: undefined };
      this.#byOuter.set(outer, underway);
      this.#panels.ask({ app, query, choice, decision, closesAtMicros: outer.deadlineAtMicros }, (panel) => {
        underway.panel = panel;
        this.#byPanel.set(panel, underway);
      });
      return;
    }
    const gather = new Gather(query, outer.deadlineAtMicros, {
      read: app.reader(choice.target), output: app.spec.output, priority: outer.priority, weight: outer.weight, decision, onDone: this.#done,
    });
    const underway: Underway = { ...of, gather, panel: undefined };
    this.#byOuter.set(outer, underway);
    this.#byGather.set(gather, underway);
    choice.target.submit(gather);
  }

  readonly #done = (gather: Gather): void => {
    const underway = this.#byGather.get(gather);
    if (underway === undefined) return;
    this.#forget(underway);
    const { app, choice } = underway;
    const outcome = outcomeOf(gather.rows, { whole: false });
    const decisionId = this.#sign(underway, { outcome, asked: keepsDecisions(app) ? [armResult(choice, gather, choice)] : undefined });
    if (outcome !== ANSWERED) this.#teach(underway, gather.rows);
    underway.outer.inner = { decisionId, source: gather.inner?.source ?? 'model', ...answererOf(choice.target, gather) };
    this.#giveBack(underway, gather.rows);
  };

  #donePanel(panel: Panel): void {
    const underway = this.#byPanel.get(panel);
    if (underway === undefined) return;
    this.#forget(underway);
    const { app, choice } = underway;
    const asked = panel.voters.map((member) => armResult(member, member.gather, choice));
    const joined = joinVotes(panel, this.#parts.slabs);
    this.#panels.answered(panel, joined.outputs);
    const decisionId = this.#sign(underway, {
      outcome: outcomeOf(joined.rows, { whole: false }), asked: keepsDecisions(app) ? asked : undefined,
      ...(joined.confidences === undefined ? undefined : { joint: { outputs: joined.outputs, confidences: joined.confidences } }),
    });
    const [only] = panel.voters;
    if (panel.voters.length === 1 && only !== undefined) this.#teach(underway, only.gather.rows);
    const { model } = joined;
    underway.outer.inner = { decisionId, source: joined.confidences === undefined ? model?.gather.inner?.source ?? 'model' : 'ensemble', ...(model === undefined ? {} : answererOf(model.target, model.gather)) };
    this.#giveBack(underway, joined.rows);
  }

  #sign({ app, query, choice, decision, outer }: Underway, more: Pick<Sealed, 'outcome' | 'asked' | 'joint'>): string {
    const parent = Uint8Array.from(this.#parts.ids.bytes(outer.decision));
    return this.#parts.seal.seal({ app, query, decision, choice, parent, ...more });
  }

  #teach({ app, query, choice, decision }: Underway, rows: readonly (GatheredRow | undefined)[]): void {
    const { ids, seal, clock, teach } = this.#parts;
    teachMisses({ app, choice, rows, id: () => ids.bytes(decision), atEpochMs: seal.epochMs(query), now: clock.now(), said: query.context }, teach);
  }

  /** The rows are the outer gather's from now on, which waits for nobody else. */
  #giveBack({ outer, app }: Underway, rows: readonly (GatheredRow | undefined)[]): void {
    const { slabs } = this.#parts;
    rows.forEach((settled, row) => {
      const answer = settled === undefined || isMiss(settled) ? settled ?? LATE : restated(settled, { from: app.spec.output, to: outer.output ?? app.spec.output, classNames: app.classNames, slabs });
      if (isMiss(answer)) outer.missed(row, 1, answer);
      else outer.given(row, answer);
    });
  }

  #forget({ outer, gather, panel }: Underway): void {
    this.#byOuter.delete(outer);
    if (panel !== undefined) this.#byPanel.delete(panel);
    if (gather !== undefined) this.#byGather.delete(gather);
  }
}

const LATE: Miss = Object.freeze({ reason: 'deadline_exceeded' });

/** What has not come by now is late; the gather ends with this. Returns the rows that were still queued. */
function close(gather: Gather, choice: Choice): number {
  const queued = choice.target.cancel(gather);
  gather.missed(0, gather.count, { reason: queued > 0 ? 'expired_in_queue' : 'deadline_exceeded' });
  return queued;
}
