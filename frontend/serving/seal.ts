import type { ArmResult, DecisionMode, JointOutputs } from '../domain/decision.ts';
import type { DecisionJournal } from '../domain/journal.ts';
import type { Query } from '../domain/query.ts';
import type { App } from './selection/app.ts';
import type { DecisionIds, DerivedKeys, Receipts } from './decisions/receipt.ts';
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
  readonly mode: DecisionMode;
  /** Arms that were asked; undefined where nothing is kept of them. */
  readonly asked: readonly ArmResult[] | undefined;
  readonly joint?: JointOutputs;
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
    const { app, query, choice, mode } = of;
    const context = this.#contextHash(app, query);
    const atEpochMs = this.epochMs(query);
    const id = ids.bytes(of.decision);
    return receipts.sign({
      id, app: app.fingerprint, action: choice?.action ?? 0, propensity: choice?.propensity ?? 0, context: context ?? NO_CONTEXT, atEpochMs,
      journal: of.asked === undefined ? 'none' : recordDecision(journal, {
        app, query, id: Uint8Array.from(id), choice, mode, atEpochMs, asked: of.asked,
        ...(context === undefined ? undefined : { contextHash: context }), ...(of.joint === undefined ? undefined : { joint: of.joint }),
      }),
      pinned: mode === 'pinned', defaulted: mode === 'default', rows: query.rows,
    });
  }

  /** The same where nobody was asked. */
  sealMiss(app: App, query: Query, decision: number): string {
    return this.seal({ app, query, decision, choice: undefined, mode: 'default', asked: keepsDecisions(app) ? NOBODY : undefined });
  }

  epochMs({ arrivedAtMicros }: Pick<Query, 'arrivedAtMicros'>): number {
    return Math.floor((arrivedAtMicros + this.#parts.epochOffsetMicros) / 1000);
  }

  #contextHash({ spec }: App, { context }: Query): Uint8Array | undefined {
    const key = spec.contextKey === undefined ? undefined : context?.[spec.contextKey];
    return key === undefined ? undefined : this.#parts.keys.hashContext(JSON.stringify(key));
  }
}
