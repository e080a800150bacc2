import type { HistoryStore } from '../../domain/history-store.ts';
import type { Log } from '../../domain/log.ts';
import type { Reading } from './reading.ts';
import { readStanding, writeStanding } from './standing-record.ts';
import type { Track } from './track.ts';
import { readTrack, writeTrack } from './track-record.ts';
import type { Kind, Watch } from './watch.ts';

/** So long after a track was saved it is saved again: what a broker that is killed loses. */
const SAVE_EVERY_MS = 60_000;

/** Where it is kept which tracks have stood since they were saved; no subject has this name. */
const STANDING = 'standing:';
/** Of the time between two ticks that are further apart nothing is known: the machine slept. */
const LONGEST_NAP_MS = 5_000;

const KINDS: readonly Kind[] = ['app', 'model', 'broker'];

/**
 * Saves the histories, so that they outlive the broker: one track a tick, the one that was saved the longest ago, so that a
 * hundred of them never come at once; and all of them at the end. Of tracks that stand as they were saved, which are most where
 * nobody asks, it is only noted until when, once a minute for all.
 */
export class HistoryKeeper {
  /** What was recorded before this start. */
  readonly earlier: Readonly<Record<Kind, ReadonlyMap<string, Track>>>;
  readonly #store: HistoryStore;
  readonly #log: Log;
  /** When each had its turn, by its name in the store; the longest ago first. */
  readonly #turnAtMs = new Map<string, number>();
  /** What those stood at that stood when they were saved. */
  readonly #stood = new Map<string, Reading>();
  #tickedAtMs = 0;
  /** Of the watch, when each of its subjects got a turn. */
  #shape = -1;
  #saving: Promise<void> | undefined;
  #hasFailed = false;
  #isClosed = false;

  private constructor(store: HistoryStore, log: Log, earlier: HistoryKeeper['earlier']) {
    this.#store = store;
    this.#log = log;
    this.earlier = earlier;
  }

  /** Reads what is there, and removes what tells nothing any more. `nowMs` in epoch milliseconds. */
  static async open(store: HistoryStore, { log, nowMs }: { readonly log: Log; readonly nowMs: number }): Promise<HistoryKeeper> {
    const earlier: Record<Kind, Map<string, Track>> = { app: new Map(), model: new Map(), broker: new Map() };
    const keeper = new HistoryKeeper(store, log, earlier);
    const all = await store.load();
    const { untilMs, names } = readStanding(all.get(STANDING), nowMs);
    for (const [stored, bytes] of all) {
      if (stored === STANDING) continue;
      const [kind, name] = subjectOf(stored);
      const track = kind === undefined ? undefined : readTrack(bytes, nowMs, names.has(stored) ? untilMs : undefined);
      if (kind === undefined || track === undefined) {
        await store.remove(stored).catch(() => undefined);
        continue;
      }
      earlier[kind].set(name, track);
      keeper.#turnAtMs.set(stored, nowMs);
    }
    return keeper;
  }

  /** About once a second. Of a subject that nothing was counted of since the start, `isWanted` says whether it is still there. */
  tick(watch: Watch, nowMs: number, isWanted: (kind: Kind, name: string) => boolean): void {
    if (nowMs - this.#tickedAtMs > LONGEST_NAP_MS) this.#stood.clear();
    this.#tickedAtMs = nowMs;
    if (this.#saving !== undefined || this.#isClosed) return;
    this.#giveTurns(watch, nowMs);
    for (let turn = this.#nextTurn(nowMs); turn !== undefined; turn = this.#nextTurn(nowMs)) {
      this.#turnAtMs.delete(turn);
      this.#turnAtMs.set(turn, nowMs);
      if (turn !== STANDING) {
        const [kind, name] = subjectOf(turn);
        if (kind !== undefined && watch.isUnseen(kind, name) && !isWanted(kind, name)) watch.forget(kind, name);
        if (this.#stands(watch, turn)) continue;
      }
      this.#saving = (turn === STANDING ? this.#saveStanding(watch, nowMs) : this.#save(watch, turn)).finally(() => (this.#saving = undefined));
      return;
    }
  }

  /** Saves all of them once more. */
  async close(watch: Watch): Promise<void> {
    this.#isClosed = true;
    await this.#saving;
    for (const stored of storedNames(watch)) await this.#save(watch, stored);
  }

  /** Who is new waits as long as the others. */
  #giveTurns(watch: Watch, nowMs: number): void {
    if (watch.shape === this.#shape) return;
    this.#shape = watch.shape;
    for (const stored of [STANDING, ...storedNames(watch)]) if (!this.#turnAtMs.has(stored)) this.#turnAtMs.set(stored, nowMs);
  }

  /** The one whose turn was the longest ago, if that is long enough. */
  #nextTurn(nowMs: number): string | undefined {
    const [oldest] = this.#turnAtMs;
    if (oldest === undefined) return undefined;
    const [stored, atMs] = oldest;
    // A clock that was set back would have all of them wait.
    return nowMs - atMs < SAVE_EVERY_MS && nowMs >= atMs ? undefined : stored;
  }

  /** Whether nothing has come to a track since it was saved. */
  #stands(watch: Watch, stored: string): boolean {
    const stood = this.#stood.get(stored);
    return stood !== undefined && trackOf(watch, stored)?.standing === stood;
  }

  async #save(watch: Watch, stored: string): Promise<void> {
    const track = trackOf(watch, stored);
    const standing = track?.standing;
    this.#stood.delete(stored);
    if (track === undefined) this.#turnAtMs.delete(stored);
    const isSaved = await this.#keep(() => (track === undefined ? this.#store.remove(stored) : this.#store.save(stored, writeTrack(track))));
    if (isSaved && standing !== undefined) this.#stood.set(stored, standing);
  }

  async #saveStanding(watch: Watch, nowMs: number): Promise<void> {
    const names = [...this.#stood.keys()].filter((stored) => this.#stands(watch, stored));
    if (names.length > 0) await this.#keep(() => this.#store.save(STANDING, writeStanding({ untilMs: nowMs, names: new Set(names) })));
  }

  /** False where there was no room; that is said once, until it goes again. */
  async #keep(save: () => Promise<void>): Promise<boolean> {
    try {
      await save();
      this.#hasFailed = false;
      return true;
    } catch (err) {
      if (!this.#hasFailed) this.#log.warn({ err }, "the dashboard's history could not be saved");
      this.#hasFailed = true;
      return false;
    }
  }
}

function* storedNames(watch: Watch): Generator<string> {
  for (const kind of KINDS) for (const name of watch.names(kind)) yield `${kind}:${name}`;
}

function trackOf(watch: Watch, stored: string): Track | undefined {
  const [kind, name] = subjectOf(stored);
  return kind === undefined ? undefined : watch.track(kind, name);
}

function subjectOf(stored: string): [kind: Kind | undefined, name: string] {
  const at = stored.indexOf(':');
  return [KINDS.find((kind) => kind === stored.slice(0, at)), stored.slice(at + 1)];
}
