import type { Clock } from '../../domain/clock.ts';
import type { Decision } from '../../domain/decision.ts';
import { StoreFault, type FeedbackStore } from '../../domain/feedback.ts';
import type { DecisionJournal, JournalVerdict } from '../../domain/journal.ts';
import type { JournalSpec } from '../../domain/model.ts';
import { encodeDecision } from '../decisions/decision-codec.ts';
import type { FeedbackMeters } from './meters.ts';

/** Decisions that wait to be encoded: those of one turn of the event loop. */
const MOST_WAITING = 65_536;
/** Decisions that are handed to the store and not yet written. */
const MOST_UNDERWAY = 262_144;
/** Decisions are handed over in pieces, so that encoding them keeps nobody waiting for long. */
const PIECE = 256;

export interface JournalParts {
  readonly store: Pick<FeedbackStore, 'append' | 'room'>;
  readonly clock: Clock;
  readonly meters: FeedbackMeters;
  /** What the app wants kept; undefined where it is not served. */
  readonly specOf: (app: string) => JournalSpec | undefined;
  readonly onStoreFault: (fault: StoreFault) => void;
}

/**
 * Records of decisions on their way to the store: `record` puts one into a bounded list; after the turn they are encoded
 * and handed over, a group for each app. The store puts a group to the disk together with whatever else there is.
 */
export class Journal implements DecisionJournal {
  readonly #parts: JournalParts;
  #waiting: Decision[] = [];
  #underway = 0;
  /** The store failed on the last group that it was given. */
  #failing = false;
  #idle: (() => void)[] = [];

  constructor(parts: JournalParts) {
    this.#parts = parts;
  }

  refusal(app: string): 'journal_full' | undefined {
    return this.#parts.specOf(app)?.required === true && this.#full() ? 'journal_full' : undefined;
  }

  record(decision: Decision): JournalVerdict {
    if (this.#parts.specOf(decision.app)?.keep !== true) return 'none';
    if (this.#full()) {
      this.#parts.meters.journal(decision.app, 'dropped', 1);
      // Somebody must find out when the store can be used again.
      if (this.#failing && this.#underway === 0 && this.#waiting.length === 0) this.#put(decision);
      return 'dropped';
    }
    this.#put(decision);
    return 'kept';
  }

  /** Resolves once nothing is under way. */
  settled(): Promise<void> {
    if (this.#waiting.length === 0 && this.#underway === 0) return Promise.resolve();
    return new Promise((resolve) => this.#idle.push(resolve));
  }

  #full(): boolean {
    return this.#waiting.length >= MOST_WAITING || this.#underway + this.#waiting.length >= MOST_UNDERWAY || this.#failing || this.#parts.store.room === 0;
  }

  #put(decision: Decision): void {
    if (this.#waiting.push(decision) === 1) this.#parts.clock.defer(this.#flush);
  }

  readonly #flush = (): void => {
    const piece = this.#waiting.length <= PIECE ? this.#waiting : this.#waiting.slice(0, PIECE);
    this.#waiting = this.#waiting.length <= PIECE ? [] : this.#waiting.slice(PIECE);
    const byApp = new Map<string, Decision[]>();
    for (const decision of piece) {
      const of = byApp.get(decision.app);
      if (of === undefined) byApp.set(decision.app, [decision]);
      else of.push(decision);
    }
    for (const [app, decisions] of byApp) void this.#hand(app, decisions);
    if (this.#waiting.length > 0) this.#parts.clock.defer(this.#flush);
  };

  async #hand(app: string, decisions: readonly Decision[]): Promise<void> {
    this.#underway += decisions.length;
    try {
      await this.#parts.store.append(app, decisions.map((decision) => ({ id: decision.id, atEpochMs: decision.atEpochMs, record: encodeDecision(decision) })));
      this.#parts.meters.journal(app, 'kept', decisions.length);
      this.#failing = false;
    } catch (thrown) {
      this.#parts.meters.journal(app, 'lost', decisions.length);
      this.#failing = true;
      this.#parts.onStoreFault(thrown instanceof StoreFault ? thrown : new StoreFault('failed', String(thrown)));
    } finally {
      this.#underway -= decisions.length;
      if (this.#underway === 0 && this.#waiting.length === 0) for (const resolve of this.#idle.splice(0)) resolve();
    }
  }
}
