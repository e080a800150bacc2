import type { Log } from '../domain/log.ts';
import { keyParts, modelKey, type ModelKey, type ModelSpec } from '../domain/model.ts';
import type { NoteStore } from '../domain/note-store.ts';

const MIB = 1024 * 1024;

export interface LoadMemoryOptions {
  /** Resident megabytes of each replica that serves, as last looked at. */
  readonly serving: () => Iterable<{ readonly key: ModelKey; readonly memoryMb: number }>;
  /** Bytes that programs can take before the machine, or the group that the broker lives in, has no more. */
  readonly freeBytes: () => number | undefined;
  readonly reserveBytes: number;
  readonly store: NoteStore;
  readonly log: Log;
}

const MOST_REMEMBERED = 1024;
/** What moved by less is not worth a write. */
const NEWS = 0.1;

/**
 * What a load takes: what the model declares of itself, else what a replica of it was last seen to take, else what the version
 * before it was; nobody knows of a model that never ran. What was seen outlives the broker.
 */
export class LoadMemory {
  readonly #options: LoadMemoryOptions;
  /** Megabytes; the one seen last at the end. */
  readonly #seen: Map<ModelKey, number>;
  /** As they are on disk. */
  readonly #saved: Map<ModelKey, number>;

  private constructor(options: LoadMemoryOptions, seen: Map<ModelKey, number>) {
    this.#options = options;
    this.#seen = seen;
    this.#saved = new Map(seen);
  }

  /** With what was seen before the start; a note that is no number is passed over. */
  static async open(options: LoadMemoryOptions): Promise<LoadMemory> {
    const notes = await options.store.loadNotes('load-memory');
    const seen = [...notes].map(([key, record]) => [key as ModelKey, Number(new TextDecoder().decode(record))] as const);
    return new LoadMemory(options, new Map(seen.filter(([, megabytes]) => megabytes > 0)));
  }

  /** Takes in what serves now. */
  look(): void {
    for (const { key, memoryMb } of this.#options.serving()) {
      this.#seen.delete(key);
      this.#seen.set(key, memoryMb);
    }
    for (const oldest of this.#seen.keys()) {
      if (this.#seen.size <= MOST_REMEMBERED) break;
      this.#seen.delete(oldest);
      this.#saved.delete(oldest);
    }
  }

  /** Writes down what is new. Never rejects: the next start would only know less. */
  async save(): Promise<void> {
    const news = [...this.#seen].filter(([key, megabytes]) => Math.abs(megabytes - (this.#saved.get(key) ?? 0)) > megabytes * NEWS);
    if (news.length === 0) return;
    try {
      await this.#options.store.saveNotes('load-memory', new Map(news.map(([key, megabytes]) => [key, Buffer.from(String(megabytes))])), MOST_REMEMBERED);
      for (const [key, megabytes] of news) this.#saved.set(key, megabytes);
    } catch (err) {
      this.#options.log.error({ err }, 'the memory that models take could not be saved');
    }
  }

  /** Of all replicas of the version together. */
  bytesOf(spec: ModelSpec): number | undefined {
    const one = spec.profile?.memoryMb ?? this.#seenOf(spec);
    return one === undefined ? undefined : one * MIB * spec.replicas;
  }

  availableBytes(): number | undefined {
    const free = this.#options.freeBytes();
    return free === undefined ? undefined : Math.max(0, free - this.#options.reserveBytes);
  }

  #seenOf({ name, version }: ModelSpec): number | undefined {
    const own = this.#seen.get(modelKey(name, version));
    if (own !== undefined) return own;
    const before = [...this.#seen.keys()].map(keyParts).filter((other) => other.model === name && other.version < version);
    return this.#seen.get(modelKey(name, Math.max(0, ...before.map((other) => other.version))));
  }
}
