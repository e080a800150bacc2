import { readKeyFile } from './config/key-file.ts';
import type { Settings } from './config/settings.ts';
import type { CellsView, KeyCellsView } from './domain/cells.ts';
import type { AppAccess } from './domain/access.ts';
import type { Clock } from './domain/clock.ts';
import type { FeedbackStore } from './domain/feedback.ts';
import type { DecisionJournal } from './domain/journal.ts';
import type { Log } from './domain/log.ts';
import type { Meter } from './domain/meter.ts';
import type { AppSpec, JournalSpec } from './domain/model.ts';
import type { ReceiptKey, StateStore } from './domain/state-store.ts';
import type { TaughtApp } from './serving/feedback/credit.ts';
import { Feedback } from './serving/feedback/feedback.ts';
import { AppRevisions } from './serving/feedback/revisions.ts';
import { FeedbackUpkeep } from './serving/feedback/upkeep.ts';
import { Journal } from './serving/feedback/journal.ts';
import type { Receipts } from './serving/decisions/receipt.ts';
import { openRedisFeedback } from './storage/redis/feedback.ts';
import { openSqliteFeedback } from './storage/sqlite/feedback.ts';

/** How often a context key is asked for that somebody wants to look at. */
const MOST_TRIES = 5;

/** Everything that a broker learns with, wired. */
export interface Learning {
  readonly cells: CellsView;
  /** Of single context keys. */
  readonly keys: KeyCellsView;
  readonly journal: DecisionJournal;
  readonly feedback: Feedback;
  readonly store: Pick<FeedbackStore, 'copyTo'>;
  /** The apps as they are from now on. */
  serve(specs: readonly AppSpec[]): void;
  /** Resolves once the cells of the apps that are served now can be read, or the store has failed to give them. */
  ready(): Promise<void>;
  /** Forgets all that the policy of an app learned. Decisions that were rewarded stay so. */
  reset(app: string): Promise<void>;
  /** Resolves once the cells of a context key are held, so that it can be looked at; false where they cannot be. */
  hold(app: string, context: Uint8Array): Promise<boolean>;
  /** Forgets what was learned of one context key. */
  forgetKey(app: string, context: Uint8Array): Promise<void>;
  /** Stores what is under way, and gives everything back. */
  close(): Promise<void>;
}

export interface LearningParts {
  readonly settings: Pick<Settings, 'stateDir' | 'storage' | 'limits'>;
  readonly apps: { get(name: string): TaughtApp | undefined };
  readonly access: AppAccess;
  readonly receipts: Receipts;
  readonly keys: readonly ReceiptKey[];
  readonly clock: Clock;
  /** Epoch microseconds less the clock's. */
  readonly epochOffsetMicros: number;
  readonly meter: Meter;
  readonly log: Log;
}

/** The keys of the operator's file; without one, those of the state store. The last one signs. */
export async function receiptKeys(settings: Pick<Settings, 'storage'>, store: Pick<StateStore, 'receiptKeys'>): Promise<readonly ReceiptKey[]> {
  const { receiptKeyFile: keyFile } = settings.storage;
  return keyFile === undefined ? store.receiptKeys() : readKeyFile(keyFile, []);
}

/** Rejects, with one sentence for the operator, where the store cannot be used. */
export async function openLearning(parts: LearningParts): Promise<Learning> {
  const { settings, apps, access, receipts, clock, epochOffsetMicros, meter, log } = parts;
  const store = await openStore(parts);
  const revisions = new AppRevisions(store);
  const feedback = new Feedback({ apps, access, receipts, revisions, store, journal: { decisions: (app, keys) => journal.decisions(app, keys) }, clock, meter, log, epochOffsetMicros, maxOpen: settings.limits.openFeedback });
  const onStoreFault = (fault: Parameters<Feedback['storeFault']>[0]): void => feedback.storeFault(fault);
  const journal = new Journal({ store, clock, meters: feedback.meters, specOf: (app) => journalOf(apps.get(app)), onStoreFault });
  const upkeep = new FeedbackUpkeep({
    store, revisions, apps, clock, epochOffsetMicros, bounds: { maxClaims: settings.storage.maxClaims, maxCells: settings.storage.maxCells, maxKeys: settings.storage.maxKeys },
    give: (own) => feedback.giveOwn(own), onStoreFault,
  });
  await revisions.load();
  upkeep.start();
  let served = Promise.resolve();
  return {
    cells: store.cells, keys: store.keys, journal, feedback, store,
    serve: (specs) => {
      feedback.meters.keep(new Set(specs.map(({ name }) => name)));
      served = upkeep.serve(specs);
    },
    ready: () => served,
    reset: (app) => store.removeCells(app, 'all'),
    hold: async (app, context) => {
      for (let tries = 0; tries < MOST_TRIES; tries++) {
        if (store.keys.ofKey(app, context) !== undefined) return true;
        // Asked for together with others after this turn, so the answer to a later question comes after that to this one.
        await new Promise((resolve) => setImmediate(resolve));
        await store.readKeys(app, [context]);
      }
      return store.keys.ofKey(app, context) !== undefined;
    },
    forgetKey: (app, context) => store.removeKey(app, context, 'all'),
    close: async () => {
      await upkeep.stop();
      await Promise.all([journal.settled(), feedback.settled()]);
      await store.close();
    },
  };
}

/** A contextual policy cannot learn from a decision whose context is not recorded. */
function journalOf(app: TaughtApp | undefined): JournalSpec | undefined {
  const { journal } = app?.spec ?? {};
  return app?.policy.contextual === true && journal !== undefined ? { ...journal, keep: true, required: true } : journal;
}

function openStore({ settings, keys, clock, epochOffsetMicros, log }: LearningParts): Promise<FeedbackStore> {
  const { feedback: where, heldKeysBytes: heldKeyBytes, minReplicas: least, replicaTimeoutMs: timeoutMs } = settings.storage;
  if (where === 'sqlite') return openSqliteFeedback(settings.stateDir, { heldKeyBytes });
  return openRedisFeedback({ url: where, keys, clock, epochOffsetMicros, log, heldKeyBytes, ...(least === 0 ? {} : { replicas: { least, timeoutMs } }) });
}
