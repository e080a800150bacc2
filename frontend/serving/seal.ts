import type { ArmResult, JointOutputs } from '../domain/decision.ts';
import type { DecisionJournal } from '../domain/journal.ts';
import { contextText } from '../domain/context-key.ts';
import type { Query } from '../domain/query.ts';
import type { App } from './selection/app.ts';
import type { DecisionIds, DerivedKeys, Receipts } from './decisions/receipt.ts';
import { NOTHING_GIVEN, type Outcome } from './decisions/outcome.ts';
import { keepsDecisions, recordDecision } from './recorder.ts';
import type { Choice } from './selection/select.ts';

export interface SealParts {
  readonly receipts: Receipts;
  readonly ids: DecisionIds;
  readonly keys: DerivedKeys;
  readonly journal: DecisionJournal;
  /** Epoch microseconds less the clock's. */
  readonly epochOffsetMicros: number;
}

/** What was decided for one query, and what came of it. */
export interface Sealed {
  readonly app: App;
  readonly query: Query;
  /** Its number among the decisions of this process. */
  readonly decision: number;
  /** Undefined where nobody could be asked. */
  readonly choice: Choice | undefined;
  readonly outcome: Outcome;
  /** Arms that were asked; undefined where nothing is kept of them. */
  readonly asked: readonly ArmResult[] | undefined;
  readonly joint?: JointOutputs;
  /** The id of the decision for which it was taken, the app being an arm of another. */
  readonly parent?: Uint8Array;
}

const NO_CONTEXT = new Uint8Array(8);
const NOBODY: readonly ArmResult[] = Object.freeze([]);

/** Puts a decision on record and signs its receipt; the receipt says what became of the record. */
export class Seal {
  readonly #parts: SealParts;

  constructor(parts: SealParts) {
    this.#parts = parts;
  }

  /** The decision id that the caller gets. */
  seal(of: Sealed): string {
    const { receipts, ids, journal } = this.#parts;
    const { app, query, choice, outcome: { mode, defaults } } = of;
    const context = choice?.context ?? this.contextHash(app, query);
    const atEpochMs = this.epochMs(query);
    const id = ids.bytes(of.decision);
    return receipts.sign({
      id, app: app.fingerprint, action: choice?.action ?? 0, propensity: choice?.propensity ?? 0, context: context ?? NO_CONTEXT, atEpochMs,
      journal: of.asked === undefined ? 'none' : recordDecision(journal, {
        app, query, id: Uint8Array.from(id), choice, mode, atEpochMs, asked: of.asked,
        ...(context === undefined ? undefined : { contextHash: context }), ...(of.joint === undefined ? undefined : { joint: of.joint }),
        ...(of.parent === undefined ? undefined : { parent: of.parent }), ...(defaults === undefined ? undefined : { defaults }),
      }),
      pinned: mode === 'pinned', defaulted: mode === 'default', partly: defaults !== undefined, ofModel: app.isModel, rows: query.rows,
    });
  }

  /** The same where nobody was asked. */
  sealMiss(app: App, query: Query, decision: number): string {
    return this.seal({ app, query, decision, choice: undefined, outcome: NOTHING_GIVEN, asked: keepsDecisions(app) ? NOBODY : undefined });
  }

  epochMs({ arrivedAtMicros }: Pick<Query, 'arrivedAtMicros'>): number {
    return Math.floor((arrivedAtMicros + this.#parts.epochOffsetMicros) / 1000);
  }

  /** The keyed hash of the query's context key, 8 bytes; undefined where the app has none, or the caller said none. */
  contextHash({ spec }: Pick<App, 'spec'>, { context }: Pick<Query, 'context'>): Uint8Array | undefined {
    if (spec.contextKey === undefined) return undefined;
    const text = contextText(context, spec.contextKey);
    return text === undefined ? undefined : this.#parts.keys.hashContext(text);
  }
}
