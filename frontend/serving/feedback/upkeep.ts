import type { Clock } from '../../domain/clock.ts';
import type { Decision } from '../../domain/decision.ts';
import { CLAIM_SLACK_MS, StoreFault, type FeedbackStore, type StoredApp } from '../../domain/feedback.ts';
import { DEFAULT_FEEDBACK, DEFAULT_JOURNAL, type AppSpec } from '../../domain/model.ts';
import { decodeDecision } from '../decisions/decision-codec.ts';
import { REWARD_UNITS, withStamp } from './reward.ts';
import type { TaughtApp } from './credit.ts';
import type { AppRevisions } from './revisions.ts';
import type { OwnReward } from './feedback.ts';

const ROUND_MICROS = 1_000_000;
/** Age and bytes are looked after every so many rounds. */
const TRIM_ROUNDS = 30;
const LEASE_MS = 10_000;
/** A decision is silent once nothing that was given in time can still be under way: waits for a model, skew, a slow store. */
const SILENT_AFTER_MS = 120_000;
/** Rewards of silence that wait for the store at a time: those that callers give have their room beside them, however many rows a decision has. */
const MOST_TOGETHER = 256;
/** So much before claims go, nobody is rewarded any more: it could not be told who was already. */
const MARGIN_MS = 300_000;

export interface UpkeepParts {
  readonly store: FeedbackStore;
  readonly revisions: AppRevisions;
  readonly apps: { get(name: string): TaughtApp | undefined };
  readonly clock: Clock;
  readonly epochOffsetMicros: number;
  readonly bounds: { readonly maxClaims: number; readonly maxCells: number; readonly maxKeys: number };
  readonly give: (own: OwnReward) => Promise<boolean>;
  readonly onStoreFault: (fault: StoreFault) => void;
  /** 0 in tests, so that they need not wait for two minutes of silence. */
  readonly silentAfterMs?: number;
}

/**
 * What has to be done about feedback without anybody asking: tells the store whom it serves, again until it knows; gives
 * the default reward to decisions that nobody spoke of; drops what is past its age or bytes, and cells that no view reads.
 * Of the brokers on one store, the one with the lease of an app does it.
 */
export class FeedbackUpkeep {
  readonly #parts: UpkeepParts;
  #specs: readonly AppSpec[] = [];
  #served = true;
  #rounds = 0;
  #busy: Promise<void> = Promise.resolve();
  #stopWake: () => void = () => undefined;
  #isStarted = false;
  #isAtIt = false;
  #stopped = false;

  constructor(parts: UpkeepParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#isStarted = true;
    this.#wakeLater();
  }

  /** No round begins any more; resolves once the one under way is over. */
  stop(): Promise<void> {
    this.#stopped = true;
    this.#stopWake();
    return this.#busy;
  }

  /** The apps as they are from now on. Resolves once their cells can be read, or the store has failed to give them. */
  async serve(specs: readonly AppSpec[]): Promise<void> {
    this.#specs = specs;
    this.#served = false;
    try {
      await this.#parts.store.serve(specs.map((spec) => storedApp(spec, this.#parts.bounds)));
      await this.#parts.revisions.serve(specs);
      if (this.#specs === specs) this.#served = true;
    } catch (thrown) {
      this.#fault(thrown);
    }
    this.#wakeLater();
  }

  /** One round; `trim` also where it is not its turn. */
  async round(trim = false): Promise<void> {
    if (!this.#served) await this.serve(this.#specs);
    this.#rounds++;
    for (const { name, feedback } of this.#specs) {
      const trims = trim || this.#rounds % TRIM_ROUNDS === 0;
      if (this.#stopped || (!trims && feedback?.defaultReward === undefined)) continue;
      try {
        if (!await this.#parts.store.lease(name, LEASE_MS)) continue;
        if (feedback?.defaultReward !== undefined) await this.#sweep(name, feedback.windowMs, feedback.defaultReward);
        if (trims) await this.#trim(name);
      } catch (thrown) {
        this.#fault(thrown);
      }
    }
  }

  #wakeLater(): void {
    if (this.#stopped || !this.#isStarted || this.#isAtIt) return;
    this.#stopWake();
    const rounds = this.#roundsToWait();
    this.#stopWake = this.#parts.clock.wakeAt(this.#parts.clock.now() + rounds * ROUND_MICROS, () => {
      this.#rounds += rounds - 1;
      this.#isAtIt = true;
      this.#busy = this.round().finally(() => {
        this.#isAtIt = false;
        this.#wakeLater();
      });
    });
  }

  /** Where nobody's silence is rewarded, there is nothing to do until age and bytes have their turn. */
  #roundsToWait(): number {
    const isQuiet = this.#served && this.#specs.every(({ feedback }) => feedback?.defaultReward === undefined);
    return isQuiet ? TRIM_ROUNDS - (this.#rounds % TRIM_ROUNDS) : 1;
  }

  async #sweep(name: string, windowMs: number, defaultReward: number): Promise<void> {
    const { store, silentAfterMs = SILENT_AFTER_MS } = this.#parts;
    const nowEpochMs = this.#nowEpochMs();
    const tooOld = nowEpochMs - windowMs - CLAIM_SLACK_MS + MARGIN_MS;
    for (;;) {
      const { decisions, cursor } = await store.due(name, nowEpochMs - windowMs - silentAfterMs);
      if (decisions.length === 0 || this.#stopped) return;
      const owns = decisions.filter(({ atEpochMs }) => atEpochMs >= tooOld)
        .flatMap(({ record }) => silent(decodeDecision(name, record), Math.round(defaultReward * REWARD_UNITS)));
      // What could not be stored is swept again, with all that came with it: claims tell who was rewarded.
      for (let at = 0; at < owns.length; at += MOST_TOGETHER) {
        const settled = await Promise.all(owns.slice(at, at + MOST_TOGETHER).map((own) => this.#parts.give(own)));
        if (settled.includes(false)) return;
      }
      await store.swept(name, cursor);
    }
  }

  async #trim(name: string): Promise<void> {
    const { store, apps } = this.#parts;
    const { cells } = store.cells.snapshot(name);
    const expired = apps.get(name)?.policy.expired?.(cells, this.#nowEpochMs() * 1000) ?? [];
    if (expired.length > 0) await store.removeCells(name, expired);
    while (!this.#stopped && await store.trim(name, this.#nowEpochMs())) continue;
  }

  #fault(thrown: unknown): void {
    this.#parts.onStoreFault(thrown instanceof StoreFault ? thrown : new StoreFault('failed', String(thrown)));
  }

  #nowEpochMs(): number {
    return Math.floor((this.#parts.clock.now() + this.#parts.epochOffsetMicros) / 1000);
  }
}

/** Each row whose answer somebody might have rewarded, and nobody did. */
function silent(decision: Decision | undefined, units: number): OwnReward[] {
  if (decision === undefined || decision.mode !== 'policy') return [];
  const { app, id, atEpochMs, propensity, rows, asked, contextHash, context, defaults = [] } = decision;
  return Array.from({ length: rows }, (_, row): OwnReward => {
    const arms = defaults.includes(row) ? [] : asked.filter(({ outputs }) => outputs.length > row).map((result) => withStamp(result, units));
    return { app, id, atEpochMs, row, propensity, arms, cause: 'silence', ...(contextHash === undefined ? {} : { context: contextHash }), ...(context === undefined ? {} : { said: context }) };
  }).filter(({ arms }) => arms.length > 0);
}

/** What the store must know of an app. Decisions that are to be swept are kept until they are. */
function storedApp({ name, feedback = DEFAULT_FEEDBACK, journal = DEFAULT_JOURNAL }: AppSpec, bounds: UpkeepParts['bounds']): StoredApp {
  const sweptByMs = feedback.defaultReward === undefined ? 0 : feedback.windowMs + CLAIM_SLACK_MS;
  return { name, windowMs: feedback.windowMs, ...bounds, journalMaxAgeMs: Math.max(journal.maxAgeMs, sweptByMs), journalMaxBytes: journal.maxBytes };
}
