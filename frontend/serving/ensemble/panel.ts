import type { DeadlineWheel } from '../../dispatch/deadline-wheel.ts';
import { Gather, isMiss } from '../../dispatch/gather.ts';
import type { Micros } from '../../domain/clock.ts';
import type { LabelledOutput } from '../../domain/decision.ts';
import { PRIORITIES } from '../../domain/model.ts';
import type { Query } from '../../domain/query.ts';
import type { SlabPool } from '../../domain/slabs.ts';
import type { App } from '../selection/app.ts';
import { releaseRows } from './compose.ts';
import { labelledOutputs } from './labelled-output.ts';
import type { ArmTarget } from '../selection/arm-target.ts';
import type { Choice } from '../selection/select.ts';
import { drawVersion, type Drawn } from '../selection/split.ts';

/** An arm that is asked for a query together with others. */
export interface Member {
  readonly arm: string;
  /** Its place in the app's list. */
  readonly at: number;
  readonly target: ArmTarget;
  readonly weight: number;
  /** Its version had this share of the arm's traffic; absent where that is not split. */
  readonly share?: number;
  readonly gather: Gather;
}

/** A query that several arms are asked for. */
export interface Panel {
  readonly app: App;
  readonly query: Query;
  readonly choice: Choice;
  readonly decision: number;
  /** Whose answers are combined; in a cascade the first arm, and then the second too. */
  readonly voters: Member[];
  readonly shadows: Member[];
  readonly closesAtMicros: Micros;
  /** Voters that have not come to an end. */
  open: number;
  /** What was answered, for its shadows to be held against; undefined until then. */
  answered: readonly LabelledOutput[] | undefined;
  /** Shadows that were quicker than the answer. */
  readonly heard: Heard[];
}

interface Heard {
  readonly arm: string;
  readonly outputs: readonly LabelledOutput[];
}

const NOT_SPLIT: Partial<Drawn> = Object.freeze({});

type Role = 'voter' | 'shadow';
interface Place {
  readonly panel: Panel;
  readonly member: Member;
  readonly role: Role;
}

export interface PanelParts {
  readonly wheel: DeadlineWheel<Gather>;
  readonly slabs: SlabPool;
  readonly now: () => Micros;
  /** Every voter has come to an end: there is something to be answered. Called once for each panel that is not cancelled. */
  readonly onDone: (panel: Panel) => void;
}

/**
 * Asks several arms for one query:
 *
 *     voters ─ each to its model's queue ─▶ all settled, or the deadline settles the rest ─▶ onDone, once
 *       cascade: the first settles ─ unsure, and time enough ─▶ the second is a voter too
 *     shadows ─ the same, but nobody waits for them: they may settle after the answer
 */
export class Panels {
  readonly #parts: PanelParts;
  /** Where every gather under way belongs. */
  readonly #places = new Map<Gather, Place>();

  constructor(parts: PanelParts) {
    this.#parts = parts;
  }

  /** Gathers of panels that have not come to an end; those of shadows outlive their query. */
  get size(): number {
    return this.#places.size;
  }

  ask(of: Pick<Panel, 'app' | 'query' | 'choice' | 'decision' | 'closesAtMicros'>, opened: (panel: Panel) => void): void {
    const { ask = [], weights, shadow = [] } = of.choice.panel ?? {};
    const panel: Panel = { ...of, voters: [], shadows: [], open: 0, answered: undefined, heard: [] };
    ask.forEach((arm, i) => this.#join(panel, arm, weights?.[i] ?? 1));
    for (const arm of shadow) panel.shadows.push(...this.#place(panel, arm, { weight: 0, role: 'shadow' }));
    opened(panel);
    // All have their places before the first is asked: what is refused settles at once.
    for (const { target, gather } of [...panel.voters, ...panel.shadows]) target.submit(gather);
  }

  /** Its time is over: what has not come is late. The panel ends with this. */
  expire(panel: Panel): void {
    for (const { gather } of [...panel.voters]) this.close(gather);
  }

  /** What the panel was answered with, as labels: its shadows are held against it. */
  answered(panel: Panel, outputs: readonly LabelledOutput[]): void {
    panel.answered = outputs;
    for (const heard of panel.heard.splice(0)) panel.app.meters.shadow(heard.arm, agreement(heard.outputs, outputs));
  }

  /** The deadline has come for one of them. False where it is none of ours. */
  close(gather: Gather): boolean {
    const place = this.#places.get(gather);
    if (place === undefined) return false;
    const queued = place.member.target.cancel(gather);
    gather.missed(0, gather.count, { reason: queued > 0 ? 'expired_in_queue' : 'deadline_exceeded' });
    return true;
  }

  /** The caller went away: nothing is asked for it any more, and nothing is answered. */
  cancel(panel: Panel): void {
    for (const { gather, target } of [...panel.voters, ...panel.shadows]) {
      const place = this.#places.get(gather);
      if (place === undefined) continue;
      gather.abandon();
      target.cancel(gather);
      this.#end(gather, place.role);
      if (place.role === 'shadow') releaseAnswers(gather, this.#parts.slabs);
    }
    for (const { gather } of panel.voters) releaseAnswers(gather, this.#parts.slabs);
  }

  #join(panel: Panel, arm: string, weight: number): readonly Member[] {
    const joined = this.#place(panel, arm, { weight, role: 'voter' });
    panel.voters.push(...joined);
    panel.open += joined.length;
    return joined;
  }

  /** None where the arm means nobody just now. */
  #place(panel: Panel, arm: string, { weight, role }: { weight: number; role: Role }): readonly Member[] {
    const { app, query } = panel;
    const at = app.arms.findIndex((candidate) => candidate.arm === arm);
    const resolved = app.arms[at];
    if (resolved?.target === undefined) return [];
    const { target = resolved.target, share } = panel.choice.luck === undefined ? NOT_SPLIT : drawVersion(resolved, panel.choice.luck);
    const gather = new Gather(query, panel.closesAtMicros, {
      read: app.reader(target), output: app.spec.output, decision: panel.decision, priority: role === 'shadow' ? PRIORITIES.indexOf('sheddable') : query.priority ?? PRIORITIES.indexOf(app.spec.priority), weight: app.spec.weight, onDone: this.#done,
    });
    const member: Member = { arm, at, target, weight, gather, ...(share === undefined ? {} : { share }) };
    this.#places.set(gather, { panel, member, role });
    this.#parts.wheel.add(gather, this.#parts.now());
    // The query's memory goes with its answer; a shadow may still be asked then.
    if (role === 'shadow') for (const column of query.columns) this.#parts.slabs.retain(column.slab);
    return [member];
  }

  readonly #done = (gather: Gather): void => {
    const place = this.#places.get(gather);
    if (place === undefined) return;
    const { panel, member, role } = place;
    this.#end(gather, role);
    if (role === 'shadow') {
      const outputs = labelledOutputs(gather.rows, member.target.spec.output.classNames);
      releaseAnswers(gather, this.#parts.slabs);
      panel.app.meters.shadowTook(member.arm, this.#parts.now() - panel.query.arrivedAtMicros);
      if (outputs.length === 0) panel.app.meters.shadow(member.arm, 'missed');
      else if (panel.answered === undefined) panel.heard.push({ arm: member.arm, outputs });
      else panel.app.meters.shadow(member.arm, agreement(outputs, panel.answered));
      return;
    }
    panel.open--;
    const { second } = panel.choice.panel ?? {};
    const isFirst = second !== undefined && panel.voters.length === 1;
    if (isFirst && isUnsure(gather, second.whenConfidenceBelow) && this.#askSecond(panel, second.arm)) return;
    if (panel.open === 0) this.#parts.onDone(panel);
  };

  /** Asks the second arm of a cascade too, where it can still answer: the panel then ends with it, maybe at once. */
  #askSecond(panel: Panel, arm: string): boolean {
    const target = panel.app.arms.find((candidate) => candidate.arm === arm)?.target;
    if (target === undefined || this.#parts.now() + target.loneMicros >= panel.closesAtMicros) return false;
    const [second] = this.#join(panel, arm, 1);
    second?.target.submit(second.gather);
    return second !== undefined;
  }

  #end(gather: Gather, role: Role): void {
    this.#places.delete(gather);
    this.#parts.wheel.remove(gather);
    if (role === 'shadow') for (const column of gather.query.columns) this.#parts.slabs.release(column.slab);
  }
}

/** Some row missed, or has less confidence than the bound; an answer that says none is as good as its model. */
function isUnsure(gather: Gather, below: number): boolean {
  return gather.rows.some((row) => row === undefined || isMiss(row) || (row.confidence !== undefined && row.confidence < below));
}

function agreement(outputs: readonly LabelledOutput[], answered: readonly LabelledOutput[]): 'agreed' | 'differed' {
  return outputs.every((output, row) => String(output) === String(answered[row])) ? 'agreed' : 'differed';
}

function releaseAnswers(gather: Gather, slabs: SlabPool): void {
  for (const row of gather.rows) if (row !== undefined && !isMiss(row)) releaseRows([row], slabs);
}
