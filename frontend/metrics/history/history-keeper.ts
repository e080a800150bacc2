import type { HistoryStore } from '../../domain/history-store.ts';
import type { Log } from '../../domain/log.ts';
import type { Track } from './track.ts';
import { readTrack, writeTrack } from './track-record.ts';
import type { Kind, Watch } from './watch.ts';

/** So long after a track was saved it is saved again: what a broker that is killed loses. */
const SAVE_EVERY_MS = 60_000;

const KINDS: readonly Kind[] = ['app', 'model', 'broker'];

type Subject = readonly [kind: Kind, name: string];

/**
 * Saves the histories, so that they outlive the broker: one track a tick, the one that was saved the longest ago, so that a
 * hundred of them never come at once; and all of them at the end.
 */
export class HistoryKeeper {
  /** What was recorded before this start. */
  readonly earlier: Readonly<Record<Kind, ReadonlyMap<string, Track>>>;
  readonly #store: HistoryStore;
  readonly #log: Log;
  /** When each was saved, by its name in the store; the longest ago first. */
  readonly #savedAtMs = new Map<string, number>();
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
    for (const [stored, bytes] of await store.load()) {
      const [kind, name] = subjectOf(stored);
      const track = kind === undefined ? undefined : readTrack(bytes, nowMs);
      if (kind === undefined || track === undefined) {
        await store.remove(stored).catch(() => undefined);
        continue;
      }
      earlier[kind].set(name, track);
      keeper.#savedAtMs.set(stored, nowMs);
    }
    return keeper;
  }

  /** About once a second. Of a subject that nothing was counted of since the start, `isWanted` says whether it is still there. */
  tick(watch: Watch, nowMs: number, isWanted: (kind: Kind, name: string) => boolean): void {
    if (this.#saving !== undefined || this.#isClosed) return;
    const turn = this.#nextTurn(watch, nowMs);
    if (turn === undefined) return;
    const [kind, name] = turn;
    if (watch.isUnseen(kind, name) && !isWanted(kind, name)) watch.forget(kind, name);
    this.#saving = this.#save(watch, turn, nowMs).finally(() => (this.#saving = undefined));
  }

  /** Saves all of them once more. */
  async close(watch: Watch, nowMs: number): Promise<void> {
    this.#isClosed = true;
    await this.#saving;
    for (const subject of subjectsOf(watch)) await this.#save(watch, subject, nowMs);
  }

  /** The one whose turn was the longest ago, if that is long enough; who is new waits as long. */
  #nextTurn(watch: Watch, nowMs: number): Subject | undefined {
    for (const subject of subjectsOf(watch)) if (!this.#savedAtMs.has(storedName(subject))) this.#savedAtMs.set(storedName(subject), nowMs);
    const [oldest] = this.#savedAtMs;
    if (oldest === undefined) return undefined;
    const [stored, atMs] = oldest;
    // A clock that was set back would have all of them wait.
    if (nowMs - atMs < SAVE_EVERY_MS && nowMs >= atMs) return undefined;
    const [kind, name] = subjectOf(stored);
    return kind === undefined ? undefined : [kind, name];
  }

  async #save(watch: Watch, subject: Subject, nowMs: number): Promise<void> {
    const stored = storedName(subject);
    const track = watch.track(...subject);
    this.#savedAtMs.delete(stored);
    if (track !== undefined) this.#savedAtMs.set(stored, nowMs);
    try {
      await (track === undefined ? this.#store.remove(stored) : this.#store.save(stored, writeTrack(track)));
      this.#hasFailed = false;
    } catch (err) {
      // Said once, until it goes again.
      if (!this.#hasFailed) this.#log.warn({ err }, "the dashboard's history could not be saved");
      this.#hasFailed = true;
    }
  }
}

function* subjectsOf(watch: Watch): Generator<Subject> {
  for (const kind of KINDS) for (const name of watch.names(kind)) yield [kind, name];
}

function storedName([kind, name]: Subject): string {
  return `${kind}:${name}`;
}

function subjectOf(stored: string): [kind: Kind | undefined, name: string] {
  const at = stored.indexOf(':');
  return [KINDS.find((kind) => kind === stored.slice(0, at)), stored.slice(at + 1)];
}
