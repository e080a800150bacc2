import type { Context } from '../../../selection-policies/policy.ts';
import type { Decision } from '../../domain/decision.ts';
import type { AppRevision, FeedbackItem, FeedbackPort, FeedbackStore, FeedbackVerdict } from '../../domain/feedback.ts';
import { StoreFault } from '../../domain/feedback.ts';
import type { AppAccess } from '../../domain/access.ts';
import { BrokerError } from '../../domain/errors.ts';
import type { Clock, Micros } from '../../domain/clock.ts';
import { isContext, learnsByKey } from '../../domain/context-key.ts';
import type { Log } from '../../domain/log.ts';
import type { Meter } from '../../domain/meter.ts';
import { appOfArm } from '../../domain/arm.ts';
import type { Failure } from '../../domain/answer.ts';
import { DEFAULT_FEEDBACK, type AppSpec, type FeedbackSpec } from '../../domain/model.ts';
import { OUTER, saidToInner } from './inner-feedback.ts';
import { decodeDecision } from '../decisions/decision-codec.ts';
import { Stamps, type TaughtApp } from './credit.ts';
import type { PendingReward } from './group.ts';
import { FeedbackLanes } from './lanes.ts';
import { FeedbackMeters } from './meters.ts';
import { readSaid, TOGETHER, unitsOfLabel, withStamp, type ArmUnits, type Said } from './reward.ts';
import type { AppRevisions } from './revisions.ts';
import type { Receipt, Receipts } from '../decisions/receipt.ts';

/** How far the clocks of brokers may be apart. */
const SKEW_MS = 60_000;
/** How often others are asked for definitions of apps that nobody here knows. */
const RELOAD_MICROS = 1_000_000;
/** Faults of the store, and of the policy of one app, are logged at most this often. */
const LOG_MICROS = 1_000_000;

const RECORD_MAY_COME = 'The record of the decision has not come to the journal yet; a retry is safe.';

export interface FeedbackParts {
  readonly apps: { get(name: string): TaughtApp | undefined };
  readonly access: AppAccess;
  readonly receipts: Pick<Receipts, 'read'>;
  readonly revisions: AppRevisions;
  readonly store: Pick<FeedbackStore, 'commit' | 'generation' | 'cells' | 'readKeys' | 'removeKey'>;
  /** Where records of decisions are read; those that were recorded here are there. */
  readonly journal: Pick<FeedbackStore, 'decisions'>;
  readonly clock: Clock;
  readonly meter: Meter;
  readonly log: Log;
  /** Epoch microseconds less the clock's. */
  readonly epochOffsetMicros: number;
  /** Most rewards that may wait to be durable; misses take half of it at most. */
  readonly maxOpen: number;
}

/** A decision whose arm erred or was late; so is one that the sweep found nobody spoke of. */
export interface OwnReward {
  readonly app: string;
  readonly id: Uint8Array;
  readonly atEpochMs: number;
  readonly row: number;
  readonly propensity: number;
  readonly arms: readonly ArmUnits[];
  readonly cause: 'miss' | 'silence';
  /** Hash of the decision's context key, where it has one. */
  readonly context?: Uint8Array;
  /** What the caller said of the query, where the policy reads it. */
  readonly said?: Context;
}

/** Who gives feedback. */
interface Giver {
  /** Why it may not give any to this app. */
  readonly denied: (spec: AppSpec) => Failure | undefined;
  /** The id of what it gave none, where the app needs one. */
  readonly unnamed?: string;
}

/** A decision id that was understood, with the row that it names; or why it was not. */
type Read = { readonly receipt: Receipt; readonly row: number | undefined } | { readonly refusal: FeedbackVerdict };

/**
 * The second use case: what became of an answer, told later by its decision id.
 *
 *     give → open the receipt → whom does it credit → wait for the turn's others → claim and add → durable → verdict
 */
export class Feedback implements FeedbackPort {
  readonly meters: FeedbackMeters;
  readonly #parts: FeedbackParts;
  readonly #stamps: Stamps;
  readonly #lanes: FeedbackLanes;
  #openMisses = 0;
  #reloadAtMicros: Micros = 0;
  #logAtMicros: Micros = 0;
  /** When the next fault of an app's policy may be logged. */
  readonly #policyLogAt = new WeakMap<TaughtApp, Micros>();

  constructor(parts: FeedbackParts) {
    this.#parts = parts;
    this.meters = new FeedbackMeters(parts.meter);
    this.#stamps = new Stamps(parts.store.cells, () => this.#nowEpochMs() * 1000);
    this.#lanes = new FeedbackLanes({
      apps: parts.apps, clock: parts.clock, onFault: (thrown) => this.#fault(thrown),
      group: {
        store: parts.store, journal: parts.journal, nowEpochMicros: () => this.#nowEpochMs() * 1000, onPolicyFault: this.#onPolicyFault,
        giveInner: (items) => this.#give(items, { denied: () => undefined, unnamed: OUTER }),
      },
    });
  }

  /** Rewards that wait to be durable. */
  get open(): number {
    return this.#lanes.open;
  }

  /** Resolves once nothing waits to be durable. */
  settled(): Promise<void> {
    return this.#lanes.settled();
  }

  give(items: readonly FeedbackItem[], authorization?: string): Promise<readonly FeedbackVerdict[]> {
    return this.#give(items, { denied: (spec) => this.#parts.access.refusal(spec, authorization) });
  }

  async #give(items: readonly FeedbackItem[], from: Giver): Promise<readonly FeedbackVerdict[]> {
    if (this.open + items.length > this.#parts.maxOpen) {
      return items.map(() => this.#count('', { kind: 'refused', code: 'feedback_overloaded' }));
    }
    const receipts = items.map(({ decisionId }) => this.#read(decisionId));
    if (receipts.some((read) => 'receipt' in read && read.receipt.ofModel !== true && this.#parts.revisions.find(read.receipt.app) === undefined)) await this.#reload();
    return new Promise((resolve) => {
      const verdicts = new Array<FeedbackVerdict>(items.length);
      let left = items.length;
      items.forEach((item, i) => {
        this.#take(item, { read: receipts[i] ?? refused('unknown_decision'), from }, (verdict) => {
          verdicts[i] = verdict;
          if (--left === 0) resolve(verdicts);
        });
      });
    });
  }

  /**
   * A reward that the broker gives itself; it counts only where nothing was said of the decision. Resolves to whether it is
   * settled: false where it has to be given again, if anybody remembers it. What was said of a decision that is forgotten
   * nobody will ever know.
   */
  giveOwn(own: OwnReward): Promise<boolean> {
    const app = this.#parts.apps.get(own.app);
    if (app === undefined) return Promise.resolve(true);
    const { maxOpen } = this.#parts;
    // One refused query may have thousands of rows, and callers are to be heard all the same.
    if (this.open >= maxOpen || (own.cause === 'miss' && this.#openMisses >= maxOpen / 2)) {
      this.meters.own(own.app, 'dropped');
      return Promise.resolve(false);
    }
    const arms = app.frozen === true ? [] : own.arms.map((arm) => this.#stamped(app, arm));
    if (own.cause === 'miss') this.#openMisses++;
    return new Promise((resolve) => {
      const { row, propensity, context, said } = own;
      this.#lanes.put(app, { key: own, row, propensity, reward: { arms, onlyFirst: true }, ...contextOf(app, context), ...(said === undefined ? {} : { said }) }, (verdict) => {
        if (own.cause === 'miss') this.#openMisses--;
        if (verdict.kind === 'accepted' || verdict.kind === 'not_teachable') this.meters.own(own.app, own.cause);
        else if (verdict.kind === 'refused') this.meters.own(own.app, 'dropped');
        resolve(verdict.kind !== 'refused' || verdict.code === 'feedback_late');
      });
    });
  }

  /** What a decision id says, and the record of its decision where the journal has it; or why it says nothing. Rejects as the store does. */
  async find(decisionId: string): Promise<{ readonly receipt: Receipt; readonly app: string | undefined; readonly decision: Decision | undefined } | { readonly refusal: FeedbackVerdict }> {
    const read = this.#read(decisionId);
    if ('refusal' in read) return read;
    const { receipt } = read;
    if (receipt.ofModel === true) return refused('not_an_app');
    if (this.#parts.revisions.find(receipt.app) === undefined) await this.#reload();
    const app = this.#parts.revisions.find(receipt.app)?.app;
    if (app === undefined || this.#parts.apps.get(app) === undefined) return { receipt, app, decision: undefined };
    const [record] = await this.#parts.journal.decisions(app, [receipt]);
    return { receipt, app, decision: record === undefined ? undefined : decodeDecision(app, record) };
  }

  #read(decisionId: string): Read {
    const dot = decisionId.indexOf('.');
    const row = dot < 0 ? undefined : decisionId.slice(dot + 1);
    if (row !== undefined && !/^(?:0|[1-9][0-9]{0,7})$/u.test(row)) return refused('unknown_decision');
    const receipt = this.#parts.receipts.read(dot < 0 ? decisionId : decisionId.slice(0, dot));
    if (typeof receipt === 'string') return refused(receipt);
    if (row !== undefined && Number(row) >= receipt.rows) return refused('unknown_decision');
    return { receipt, row: row === undefined ? undefined : Number(row) };
  }

  /** Judges one item; what is left to be stored waits for its group. */
  #take(given: FeedbackItem, { read, from }: { read: Read; from: Giver }, tell: (verdict: FeedbackVerdict) => void): void {
    if ('refusal' in read) return tell(this.#count('', read.refusal));
    const { receipt } = read;
    if (receipt.ofModel === true) return tell(this.#count('', { kind: 'refused', code: 'not_an_app' }));
    const revision = this.#parts.revisions.find(receipt.app);
    if (revision === undefined) return tell(this.#count('', { kind: 'refused', code: 'unknown_decision' }));
    const app = this.#parts.apps.get(revision.app);
    if (app === undefined) return tell(this.#count('', { kind: 'refused', code: 'unknown_app', message: `There is no app "${revision.app}" any more.` }));
    const { name, feedback: spec = DEFAULT_FEEDBACK } = app.spec;
    const denied = from.denied(app.spec);
    if (denied !== undefined) return tell(this.#count(name, { kind: 'refused', ...denied }));
    const item = given.id === undefined && from.unnamed !== undefined && needsId(spec) ? { ...given, id: from.unnamed } : given;
    const refusal = this.#refusal(item, { receipt, row: read.row, spec });
    if (refusal !== undefined) return tell(this.#count(name, refusal));
    const said = readSaid(item, spec);
    if (said.kind === 'wrong') return tell(this.#count(name, { kind: 'refused', code: 'invalid_reward', message: said.message, path: said.path }));
    const row = read.row ?? 0;
    const reward = this.#credit(app, { receipt, revision, row, said, ...(item.id === undefined ? {} : { id: item.id }) });
    const fromMicros = this.#parts.clock.now();
    this.#lanes.put(app, { key: receipt, row, propensity: receipt.propensity, reward, ...contextOf(app, receipt.context) }, (verdict) => {
      if (verdict.kind !== 'refused') this.meters.durable(name, this.#parts.clock.now() - fromMicros);
      tell(this.#count(name, verdict));
    });
  }

  #refusal(item: FeedbackItem, { receipt, row, spec }: { receipt: Receipt; row: number | undefined; spec: FeedbackSpec }): FeedbackVerdict | undefined {
    const nowEpochMs = this.#nowEpochMs();
    if (receipt.atEpochMs > nowEpochMs + SKEW_MS) return { kind: 'refused', code: 'future_decision' };
    if (receipt.atEpochMs + spec.windowMs < nowEpochMs) return { kind: 'refused', code: 'feedback_late' };
    if (row === undefined && receipt.rows > 1) {
      return { kind: 'refused', code: 'invalid_field', path: 'decision_id', message: `The decision has ${receipt.rows} rows: add which, as in "<decision_id>.0".` };
    }
    if (item.id === undefined && needsId(spec)) {
      return { kind: 'refused', code: 'invalid_field', path: 'id', message: `The app takes the ${spec.aggregation} of rewards: each needs an id, to tell a repeat from a further one.` };
    }
    return undefined;
  }

  /** Whom it credits; where only the decision's record can say, what to make of that. */
  #credit(app: TaughtApp, of: { receipt: Receipt; revision: AppRevision; row: number; said: Exclude<Said, { kind: 'wrong' }>; id?: string }): PendingReward['reward'] {
    const { receipt, revision, said } = of;
    const { aggregation, labelScale } = app.spec.feedback ?? DEFAULT_FEEDBACK;
    const id = of.id === undefined ? {} : { id: of.id };
    // What became of a default speaks of no arm; a label does, of all that answered: they may have been too unsure to be given.
    const isOfDefault = receipt.defaulted === true && said.kind !== 'label';
    if (app.frozen === true || receipt.pinned || isOfDefault || !(receipt.propensity > 0)) return { ...id, arms: [] };
    const arm = revision.arms[receipt.action];
    const byReceipt = (units: number): ArmUnits[] => (arm !== undefined && !app.policy.contextual && app.spec.arms.includes(arm) ? [this.#stamped(app, { arm, units })] : []);
    // What another app decided for this one stands only in the record; so does which rows were given the default.
    if (said.kind === 'units' && arm !== undefined && !app.policy.contextual && appOfArm(arm) === undefined && receipt.partly !== true) return { ...id, arms: byReceipt(said.units) };
    const byDecision = (decision: Decision): readonly ArmUnits[] => {
      if (said.kind === 'units') {
        const arms = decision.asked.filter(({ outputs }) => outputs.length > 0).map((result) => withStamp(result, said.units));
        return decision.joint === undefined ? arms : [...arms, { arm: TOGETHER, units: said.units }];
      }
      return unitsOfLabel(said.label, decision, { row: of.row, labelScale: app.spec.output === 'value' ? labelScale : undefined });
    };
    return (decision) => {
      if (decision === undefined) {
        if (this.#mayCome(receipt)) return { kind: 'refused', code: 'feedback_unavailable', message: RECORD_MAY_COME };
        return said.kind === 'label' ? { kind: 'refused', code: 'label_unavailable' } : { reward: { ...id, arms: receipt.partly === true ? [] : byReceipt(said.units) }, decision };
      }
      if (said.kind === 'units' && decision.defaults?.includes(of.row) === true) return { reward: { ...id, arms: [] }, decision };
      const arms = byDecision(decision).filter(({ arm: one }) => one === TOGETHER || app.spec.arms.includes(one)).map((one) => this.#stamped(app, one));
      return { reward: { ...id, arms }, decision, inner: saidToInner(decision, said, { row: of.row, aggregation, ...id }) };
    };
  }

  /** Whether a record that is not in the journal may be on its way there: another broker answers before it is written. */
  #mayCome({ journal, atEpochMs }: Receipt): boolean {
    return journal === 'kept' && atEpochMs + SKEW_MS > this.#nowEpochMs();
  }

  #stamped(app: TaughtApp, arm: ArmUnits): ArmUnits {
    if (arm.stamp !== undefined) return arm;
    const stamp = this.#stamps.of(app, arm.arm);
    return stamp === undefined ? arm : { ...arm, stamp };
  }

  #fault(thrown: unknown): FeedbackVerdict {
    if (!(thrown instanceof StoreFault)) {
      this.#parts.log.error({ err: thrown }, 'a fault of the broker while it stored feedback');
      return { kind: 'refused', code: BrokerError.from(thrown).code };
    }
    this.storeFault(thrown);
    return thrown.trouble === 'full' ? { kind: 'refused', code: 'feedback_full', message: thrown.message } : { kind: 'refused', code: 'feedback_unavailable' };
  }

  /** Counts it, and logs it now and then. */
  storeFault(fault: StoreFault): void {
    this.meters.storeFault(fault.trouble);
    const now = this.#parts.clock.now();
    if (now < this.#logAtMicros) return;
    this.#logAtMicros = now + LOG_MICROS;
    this.#parts.log.error({ trouble: fault.trouble, err: fault.message }, 'the store of feedback fails; predictions go on');
  }

  readonly #onPolicyFault = (app: string, fault: unknown): void => {
    this.meters.policyFault(app);
    const taught = this.#parts.apps.get(app);
    const now = this.#parts.clock.now();
    if (taught === undefined || now < (this.#policyLogAt.get(taught) ?? 0)) return;
    this.#policyLogAt.set(taught, now + LOG_MICROS);
    this.#parts.log.warn({ app, err: fault }, 'the policy could not take a reward');
  };

  async #reload(): Promise<void> {
    const now = this.#parts.clock.now();
    if (now < this.#reloadAtMicros) return;
    this.#reloadAtMicros = now + RELOAD_MICROS;
    try {
      await this.#parts.revisions.load();
    } catch (thrown) {
      this.#fault(thrown);
    }
  }

  #count(app: string, verdict: FeedbackVerdict): FeedbackVerdict {
    this.meters.verdict(app, verdict.kind === 'refused' ? verdict.code : verdict.kind);
    return verdict;
  }

  #nowEpochMs(): number {
    return Math.floor((this.#parts.clock.now() + this.#parts.epochOffsetMicros) / 1000);
  }
}

/** The decision's context key, where the app learns by it now. */
function contextOf({ spec }: TaughtApp, context: Uint8Array | undefined): { context?: Uint8Array } {
  return context !== undefined && learnsByKey(spec) && isContext(context) ? { context } : {};
}

/** Sums cannot tell a repeat from a further reward by its value. */
function needsId({ aggregation }: FeedbackSpec): boolean {
  return aggregation === 'sum' || aggregation === 'mean';
}

function refused(code: Extract<FeedbackVerdict, { kind: 'refused' }>['code']): { refusal: FeedbackVerdict } {
  return { refusal: { kind: 'refused', code } };
}
