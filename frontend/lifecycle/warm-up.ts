import type { Clock, Micros } from '../domain/clock.ts';
import type { Log } from '../domain/log.ts';
import { modelKey, type ModelKey, type ModelSpec } from '../domain/model.ts';
import { outputReader, type OutputReader } from '../domain/output.ts';
import { readRecording } from '../domain/recording.ts';
import type { BatchEnd, BatchSink, OutputPart, ReplicaLink, RowError } from '../domain/replica.ts';
import type { SlabPool } from '../domain/slabs.ts';
import { MOST_RECORDED, warmUpOf, warmUpQuery, warmUpSizes, zeros, type ParseBody, type WarmUpRequest } from './warm-up-requests.ts';

export interface WarmUpsOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly slabs: SlabPool;
  /** The text of a file of recorded requests. */
  readonly readText: (path: string) => Promise<string>;
  readonly parseBody: ParseBody;
  /** A batch of this size took so long: what was asked once before, so that nothing was made ready meanwhile. */
  readonly learn: (key: ModelKey, sample: { readonly replica: string; readonly rows: number; readonly micros: Micros }) => void;
  /** It may be given queries from now on. */
  readonly onWarm: (key: ModelKey, link: ReplicaLink) => void;
  /** It failed, and is to be ended; nothing more is heard of it here. */
  readonly onFailed: (link: ReplicaLink, reason: string) => void;
}

/**
 * Stands between a replica's hello and its first query: asks it what its model's warm-up holds, recorded requests and made-up
 * batches of each size, and lets it pass when it has answered all of them rightly, and in time.
 */
export class WarmUps {
  readonly #options: WarmUpsOptions;
  readonly #under = new Map<ReplicaLink, WarmUp>();

  constructor(options: WarmUpsOptions) {
    this.#options = options;
  }

  /** Replicas that are being warmed. */
  get size(): number {
    return this.#under.size;
  }

  /** A replica said hello; one whose model has no warm-up is warm at once, and then this gives false. */
  begin(link: ReplicaLink, spec: ModelSpec): boolean {
    const { onWarm, onFailed, log } = this.#options;
    const key = modelKey(spec.name, spec.version);
    if (warmUpOf(spec).requests === undefined && warmUpSizes(spec, link.maxBatch).length === 0) {
      onWarm(key, link);
      return false;
    }
    const warmUp = new WarmUp(link, spec, this.#options, (failure) => {
      this.#under.delete(link);
      if (failure === undefined) return onWarm(key, link);
      log.warn({ version: key, replica: link.id, reason: failure }, 'the warm-up of a replica failed');
      onFailed(link, `warm-up failed: ${failure}`);
    });
    this.#under.set(link, warmUp);
    void warmUp.run();
    return true;
  }

  /** A credit came; true where it is the warm-up's. */
  credit(link: ReplicaLink): boolean {
    this.#under.get(link)?.credit();
    return this.#under.has(link);
  }

  /** The replica is gone; true where it was never warm. */
  gone(link: ReplicaLink): boolean {
    this.#under.get(link)?.stop();
    return this.#under.delete(link);
  }
}

/** The warm-up of one replica: one batch after another, each when there is a credit. */
class WarmUp {
  readonly #link: ReplicaLink;
  readonly #spec: ModelSpec;
  readonly #options: WarmUpsOptions;
  readonly #over: (failure: string | undefined) => void;
  /** What it takes for batches that it had been asked before. */
  readonly #took: { readonly replica: string; readonly rows: number; readonly micros: Micros }[] = [];
  #isOver = false;
  #stopWake: () => void = () => undefined;
  #haveCredit: () => void = () => undefined;

  constructor(link: ReplicaLink, spec: ModelSpec, options: WarmUpsOptions, over: (failure: string | undefined) => void) {
    this.#link = link;
    this.#spec = spec;
    this.#options = options;
    this.#over = over;
  }

  /** Never rejects. */
  async run(): Promise<void> {
    const { clock, learn } = this.#options;
    const { repeat, timeoutMs } = warmUpOf(this.#spec);
    this.#stopWake = clock.wakeAt(clock.now() + timeoutMs * 1000, () => this.#end(`it took longer than ${timeoutMs} ms`));
    try {
      for (const size of warmUpSizes(this.#spec, this.#link.maxBatch)) {
        for (let i = 0; i < repeat && !this.#isOver; i++) await this.#ask(zeros(this.#link.signature.inputs, size), i > 0);
      }
      for (let i = 0; i < repeat && !this.#isOver; i++) await this.#recorded(i > 0);
      // Not before: what one taught that never serves nobody would forget with it.
      if (!this.#isOver) for (const sample of this.#took) learn(modelKey(this.#spec.name, this.#spec.version), sample);
      this.#end(undefined);
    } catch (error) {
      this.#end(error instanceof Error ? error.message : String(error));
    }
  }

  credit(): void {
    this.#haveCredit();
  }

  /** Nothing more is wanted, and nothing is told. */
  stop(): void {
    this.#isOver = true;
    this.#stopWake();
    this.#haveCredit();
  }

  #end(failure: string | undefined): void {
    if (this.#isOver) return;
    this.stop();
    this.#over(failure);
  }

  /** Each line anew: a recording may be larger than what its queries may take together. */
  async #recorded(isAgain: boolean): Promise<void> {
    const { readText, parseBody, slabs } = this.#options;
    const { requests: path } = warmUpOf(this.#spec);
    if (path === undefined) return;
    const { requests, faults } = readRecording(await readText(path), MOST_RECORDED);
    const [fault] = faults;
    if (fault !== undefined) throw new Error(`${path}: line ${fault.line} ${fault.why}`);
    for (const [i, { body }] of requests.entries()) {
      if (this.#isOver) return;
      const name = `recorded request ${i + 1}`;
      const parsed = parseBody(body, this.#link.signature.inputs);
      if (typeof parsed === 'string') throw new Error(`${name}: ${parsed}`);
      try {
        if (parsed.rows <= this.#link.maxBatch) await this.#ask({ name, query: warmUpQuery(parsed) }, isAgain);
      } finally {
        for (const { slab } of parsed.columns) slabs.release(slab);
      }
    }
  }

  async #ask({ name, query }: WarmUpRequest, isAgain: boolean): Promise<void> {
    const { clock, slabs } = this.#options;
    while (this.#link.credits <= 0 && !this.#isOver) await new Promise<void>((resolve) => (this.#haveCredit = resolve));
    if (this.#isOver) return;
    const sentAtMicros = clock.now();
    const verdict = await new Promise<string | undefined>((resolve) => {
      const sink = new JudgingSink(query.rows, readerOf(this.#spec, slabs), resolve);
      this.#link.infer({ slices: [{ query, first: 0, count: query.rows }], rows: query.rows, budgetMicros: warmUpOf(this.#spec).timeoutMs * 1000 }, sink);
    });
    if (this.#isOver) return;
    if (verdict !== undefined) throw new Error(`${name}: ${verdict}`);
    if (isAgain) this.#took.push({ replica: this.#link.id, rows: query.rows, micros: clock.now() - sentAtMicros });
  }
}

/** What the answers must be readable as: none where they are given as they are. */
function readerOf({ output }: ModelSpec, slabs: SlabPool): OutputReader | undefined {
  if (output.kind === 'raw') return undefined;
  return outputReader(output, output.kind === 'value' ? 'value' : 'label', slabs);
}

/** Says, at the end of a batch, what was wrong with its answers. */
class JudgingSink implements BatchSink {
  readonly #read: OutputReader | undefined;
  readonly #over: (verdict: string | undefined) => void;
  #left: number;
  #fault: string | undefined;

  constructor(rows: number, read: OutputReader | undefined, over: (verdict: string | undefined) => void) {
    this.#left = rows;
    this.#read = read;
    this.#over = over;
  }

  row(_: number, part: OutputPart, at: number): void {
    this.#left--;
    const read = this.#read?.(part, at);
    if (typeof read === 'string') this.#fault ??= read;
  }

  rowFailed(row: number, { code, message }: RowError): void {
    this.#fault ??= `row ${row} failed: ${code}: ${message}`;
  }

  end(end: BatchEnd): void {
    if (end.kind === 'lost') return this.#over(`it ended: ${end.message}`);
    if (end.error !== undefined) return this.#over(`${end.error.code}: ${end.error.message}`);
    this.#over(this.#fault ?? (this.#left === 0 ? undefined : `${this.#left} rows were left unanswered`));
  }
}
