import type { Clock } from '../../domain/clock.ts';
import type { Decision, DecisionKey } from '../../domain/decision.ts';
import { StoreFault, type FeedbackStore, type StoredDecision } from '../../domain/feedback.ts';
import type { DecisionJournal, JournalVerdict } from '../../domain/journal.ts';
import type { JournalSpec } from '../../domain/model.ts';
import { piecesBySize } from '../../domain/pieces.ts';
import { encodeDecision } from '../decisions/decision-codec.ts';
import type { FeedbackMeters } from './meters.ts';

/** Decisions that wait to be encoded: those of one turn of the event loop. */
const MOST_WAITING = 65_536;
/** Decisions that are handed to the store and not yet written. */
const MOST_UNDERWAY = 262_144;
/** Decisions are handed over in pieces, so that encoding them keeps nobody waiting for long. */
const PIECE = 256;
/** So many bytes of them at most: decisions of thousands of rows are no longer small. */
const PIECE_BYTES = 1024 * 1024;

export interface JournalParts {
  readonly store: Pick<FeedbackStore, 'append' | 'decisions' | 'room'>;
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
  /** Decisions that were recorded so far, and that were handed over of them: what lies between is waiting. */
  #taken = 0;
  #handed = 0;
  #underway = 0;
  /** The store failed on the last group that it was given. */
  #failing = false;
  #idle: (() => void)[] = [];
  #turns: (() => void)[] = [];

  constructor(parts: JournalParts) {
    this.#parts = parts;
  }

  refusal(app: string): 'journal_full' | undefined {
    return this.#parts.specOf(app)?.required === true && this.#full() ? 'journal_full' : undefined;
  }

  record(decision: Decision): JournalVerdict {
    if (this.#parts.specOf(decision.app)?.keep !== true) return 'none';
    if (this.#full()) {
      // Somebody must find out when the store can be used again: what becomes of his record is counted then.
      if (this.#failing && this.#underway === 0 && this.#waiting.length === 0) this.#take(decision);
      else this.#parts.meters.journal(decision.app, 'dropped', 1);
      return 'dropped';
    }
    this.#take(decision);
    return 'kept';
  }

  /**
   * The records of these decisions, undefined for those that the store does not have. What was recorded here before is
   * asked for after it was handed over: whoever is quick with a label comes before the turn's end now and then, since an
   * answer may be given at the end of a turn and the store be heard of at the beginning of the next. Rejects as the store does.
   */
  async decisions(app: string, keys: readonly DecisionKey[]): Promise<readonly (Uint8Array | undefined)[]> {
    for (const until = this.#taken; this.#handed < until;) await new Promise<void>((resolve) => this.#turns.push(resolve));
    return this.#parts.store.decisions(app, keys);
  }

  /** Resolves once nothing is under way. */
  settled(): Promise<void> {
    if (this.#waiting.length === 0 && this.#underway === 0) return Promise.resolve();
    return new Promise((resolve) => this.#idle.push(resolve));
  }

  #full(): boolean {
    return this.#waiting.length >= MOST_WAITING || this.#underway + this.#waiting.length >= MOST_UNDERWAY || this.#failing || this.#parts.store.room === 0;
  }

  #take(decision: Decision): void {
    this.#taken++;
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
    this.#handed += piece.length;
    for (const resolve of this.#turns.splice(0)) resolve();
    if (this.#waiting.length > 0) this.#parts.clock.defer(this.#flush);
  };

  /** Never rejects: a decision that no record can be made of, which only a bug gives, is lost alone. */
  async #hand(app: string, decisions: readonly Decision[]): Promise<void> {
    this.#underway += decisions.length;
    const stored = decisions.flatMap((decision) => this.#stored(decision) ?? []);
    const handed: Promise<void>[] = [];
    for (const piece of piecesBySize(stored, PIECE_BYTES, bytesOf)) {
      // There is room again once what is before it is written.
      if (this.#parts.store.room < piece.size) await Promise.all(handed);
      handed.push(this.#append(app, piece.items));
    }
    await Promise.all(handed);
    this.#underway -= decisions.length;
    if (this.#underway === 0 && this.#waiting.length === 0) for (const resolve of this.#idle.splice(0)) resolve();
  }

  #stored(decision: Decision): StoredDecision | undefined {
    try {
      return { id: decision.id, atEpochMs: decision.atEpochMs, record: encodeDecision(decision) };
    } catch (thrown) {
      this.#parts.meters.journal(decision.app, 'lost', 1);
      this.#parts.onStoreFault(new StoreFault('failed', `no record could be made of a decision of ${decision.app}: ${String(thrown)}`));
      return undefined;
    }
  }

  /** Never rejects. */
  async #append(app: string, decisions: readonly StoredDecision[]): Promise<void> {
    try {
      await this.#parts.store.append(app, decisions);
      this.#parts.meters.journal(app, 'kept', decisions.length);
      this.#failing = false;
    } catch (thrown) {
      this.#parts.meters.journal(app, 'lost', decisions.length);
      this.#failing = true;
      this.#parts.onStoreFault(thrown instanceof StoreFault ? thrown : new StoreFault('failed', String(thrown)));
    }
  }
}

function bytesOf({ record }: StoredDecision): number {
  return record.length;
}
