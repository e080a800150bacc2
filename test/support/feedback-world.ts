import type { Policy } from '../../selection-policies/policy.ts';
import type { AppAccess } from '../../frontend/domain/access.ts';
import { OPEN_ACCESS } from './open-access.ts';
import type { Decision } from '../../frontend/domain/decision.ts';
import type { FeedbackItem, FeedbackVerdict } from '../../frontend/domain/feedback.ts';
import { DEFAULT_FEEDBACK, DEFAULT_JOURNAL, type AppSpec, type FeedbackSpec } from '../../frontend/domain/model.ts';
import { encodeDecision } from '../../frontend/serving/decisions/decision-codec.ts';
import type { TaughtApp } from '../../frontend/serving/feedback/credit.ts';
import { Feedback } from '../../frontend/serving/feedback/feedback.ts';
import { Journal } from '../../frontend/serving/feedback/journal.ts';
import { AppRevisions } from '../../frontend/serving/feedback/revisions.ts';
import { appFingerprint, Receipts, type Receipt } from '../../frontend/serving/decisions/receipt.ts';
import { countingPolicy, plainCells } from './counting-policy.ts';
import { KEYS } from './feedback-stores.ts';
import { MemoryFeedbackStore } from './memory-feedback-store.ts';
import { RecordingMeter } from './recording-meter.ts';
import { makeApp } from './specs.ts';
import { VirtualClock } from './virtual-clock.ts';

/** When the virtual clock stands at 0. */
export const EPOCH_MS = 1_790_000_000_000;
const NO_CONTEXT = new Uint8Array(8);

/** The feedback use case on a store in memory and a clock that stands, with one app `a` of arms `x` and `y`. */
export class FeedbackWorld {
  readonly store = new MemoryFeedbackStore();
  readonly clock = new VirtualClock();
  readonly meter = new RecordingMeter();
  readonly logged: string[] = [];
  readonly receipts = new Receipts(KEYS);
  readonly revisions: AppRevisions;
  readonly feedback: Feedback;
  readonly journal: Journal;
  app: TaughtApp | undefined;
  /** Who may give feedback: everybody, unless a test says otherwise. */
  access: AppAccess = OPEN_ACCESS;
  readonly #others = new Map<string, TaughtApp>();
  #decisions = 0;

  private constructor(spec: AppSpec, policy: Policy, maxOpen: number) {
    this.app = { spec, policy };
    this.revisions = new AppRevisions(this.store);
    const say = (_fields: object, message: string): void => void this.logged.push(message);
    this.feedback = new Feedback({
      apps: { get: (name) => (name === 'a' ? this.app : this.#others.get(name)) }, access: { refusal: (spec, authorization) => this.access.refusal(spec, authorization) }, receipts: this.receipts, revisions: this.revisions, store: this.store, journal: { decisions: (app, keys) => this.journal.decisions(app, keys) }, clock: this.clock, meter: this.meter,
      log: { debug: say, info: say, warn: say, error: say }, epochOffsetMicros: EPOCH_MS * 1000, maxOpen,
    });
    this.journal = new Journal({ store: this.store, clock: this.clock, meters: this.feedback.meters, specOf: () => ({ ...DEFAULT_JOURNAL, keep: true }), onStoreFault: (fault) => this.feedback.storeFault(fault) });
  }

  static async make(feedback: Partial<FeedbackSpec> = {}, { spec = {}, policy = countingPolicy, maxOpen = 1000 }: { spec?: Partial<AppSpec>; policy?: Policy; maxOpen?: number } = {}): Promise<FeedbackWorld> {
    const world = new FeedbackWorld(makeApp({ arms: ['x', 'y'], feedback: { ...DEFAULT_FEEDBACK, ...feedback }, ...spec }), policy, maxOpen);
    await world.serve();
    return world;
  }

  /** The app, as it is now, is known by its fingerprint. */
  async serve(): Promise<void> {
    if (this.app !== undefined) await this.revisions.serve([this.app.spec]);
  }

  /** Serves one more app, and says its fingerprint. */
  async alsoServe(name: string, arms: readonly string[], feedback: Partial<FeedbackSpec> = {}): Promise<Uint8Array> {
    const spec = makeApp({ name, arms, feedback: { ...DEFAULT_FEEDBACK, ...feedback } });
    this.#others.set(name, { spec, policy: countingPolicy });
    await this.revisions.serve([spec]);
    return appFingerprint(name, JSON.stringify(spec));
  }

  receipt(more: Partial<Receipt> = {}): Receipt {
    const id = Buffer.alloc(12, 1);
    id.writeUIntLE(this.#decisions++, 6, 6);
    const spec = this.app?.spec;
    return {
      id, app: spec === undefined ? NO_CONTEXT : appFingerprint(spec.name, JSON.stringify(spec)), action: 0, propensity: 0.5, context: NO_CONTEXT,
      atEpochMs: EPOCH_MS, journal: 'none', pinned: false, rows: 1, ...more,
    };
  }

  /** A decision id. */
  decide(more: Partial<Receipt> = {}): string {
    return this.receipts.sign(this.receipt(more));
  }

  /** A decision id whose record is in the journal. */
  recorded(more: Partial<Decision> = {}, receipt: Partial<Receipt> = {}): string {
    const made = this.receipt({ journal: 'kept', ...receipt });
    this.store.journal.push({ id: made.id, atEpochMs: made.atEpochMs, record: Uint8Array.from(encodeDecision(decisionOf(made, more))) });
    return this.receipts.sign(made);
  }

  /** A decision id whose record is on its way to the journal: it goes there at the end of the turn. */
  recording(more: Partial<Decision> = {}): string {
    const made = this.receipt();
    return this.receipts.sign({ ...made, journal: this.journal.record(decisionOf(made, more)) });
  }

  async give(...items: readonly FeedbackItem[]): Promise<readonly FeedbackVerdict[]> {
    return this.settled(this.feedback.give(items));
  }

  /** Their verdicts in one word each: the kind, or the code of the refusal. */
  async words(...items: readonly FeedbackItem[]): Promise<string[]> {
    return (await this.give(...items)).map((verdict) => (verdict.kind === 'refused' ? verdict.code : verdict.kind));
  }

  /** Lets deferred work run until the promise is settled. */
  async settled<T>(promise: Promise<T>): Promise<T> {
    let over = false;
    const done = promise.finally(() => { over = true; });
    done.catch(() => undefined);
    while (!over) {
      this.clock.settle();
      await new Promise((resolve) => setImmediate(resolve));
    }
    return done;
  }

  get cells(): Record<string, bigint> {
    return this.cellsOf('a');
  }

  cellsOf(app: string): Record<string, bigint> {
    return plainCells(this.store.cells.snapshot(app).cells);
  }
}

function decisionOf(made: Receipt, more: Partial<Decision>): Decision {
  return {
    id: made.id, app: 'a', revision: made.app, policy: 'counting', viewVersion: 0, arms: ['x', 'y'], pmf: [0.5, 0.5], action: made.action, propensity: made.propensity,
    mode: 'policy', atEpochMs: made.atEpochMs, sloMs: 20, rows: made.rows, asked: [{ arm: 'x', version: 1, outputs: [7] }], ...more,
  };
}
