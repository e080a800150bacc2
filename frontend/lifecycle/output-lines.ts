import { stripVTControlCharacters } from 'node:util';
import type { Clock, Micros } from '../domain/clock.ts';
import type { OutputTake } from '../domain/runtime.ts';

export interface OutputLimits {
  readonly maxLineChars: number;
  /** Lines a second that are passed on; the rest is counted. */
  readonly maxLinesPerSecond: number;
  /** Lines that are kept for the operator. */
  readonly keptLines: number;
  /** What is read, of all streams together; whoever prints more waits in its print. */
  readonly maxBytesPerSecond: number;
}

export interface OutputWatch {
  /** Lines over the rate, as they come. */
  readonly onDropped?: (lines: number) => void;
  /** The first of them after a while without. */
  readonly onFlood?: () => void;
}

export const OUTPUT_LIMITS: OutputLimits = Object.freeze({ maxLineChars: 2000, maxLinesPerSecond: 100, keptLines: 50, maxBytesPerSecond: 4_194_304 });

const SECOND: Micros = 1_000_000;
/** So much may come at once, in time at the full rate. */
const BURST: Micros = 100_000;
const NEWLINE = 10;
const MOST_BYTES_PER_CHAR = 4;
const NOTHING = Buffer.alloc(0);

/** One stream's line that has no end yet. */
interface OpenLine {
  begun: Buffer;
  /** It was passed on already, as far as a line may go. */
  isCut: boolean;
}

/**
 * What a container prints, as lines that can be shown to anybody: escape codes and control characters taken out, length
 * and rate bounded. `line` gets each line that is passed on; the last ones are kept, those over the rate too. Of a flood no
 * more is looked at than is shown: a container that prints as fast as it can must not cost its neighbours the broker's time.
 */
export class OutputLines {
  readonly #clock: Clock;
  readonly #limits: OutputLimits;
  readonly #line: (line: string) => void;
  readonly #onDropped: (lines: number) => void;
  readonly #onFlood: () => void;
  readonly #kept: string[] = [];
  #printed = 0;
  #windowFrom: Micros;
  #inWindow = 0;
  #dropped = 0;
  #isFlood = false;
  /** Until when what was read would have taken at the full rate. */
  #readUntil: Micros = 0;
  #isHeldSaid = false;

  constructor(clock: Clock, line: (line: string) => void, { onDropped, onFlood, ...limits }: OutputLimits & OutputWatch = OUTPUT_LIMITS) {
    this.#clock = clock;
    this.#onDropped = onDropped ?? (() => undefined);
    this.#onFlood = onFlood ?? (() => undefined);
    this.#line = line;
    this.#limits = limits;
    this.#windowFrom = clock.now();
  }

  /** Lines that there have been, those that are no longer kept too. */
  get printed(): number {
    return this.#printed;
  }

  /** The last lines, oldest first. */
  kept(): readonly string[] {
    return [...this.#kept];
  }

  /** A sink for one stream. */
  stream(): OutputTake {
    const open: OpenLine = { begun: NOTHING, isCut: false };
    return (chunk) => {
      if (chunk !== undefined) {
        this.#read(chunk, open);
        return this.#nextRead(chunk.length);
      }
      if (!open.isCut) this.#take(open.begun);
      open.begun = NOTHING;
      return undefined;
    };
  }

  #read(chunk: Buffer, open: OpenLine): void {
    let from = 0;
    let keptFrom: number | undefined;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, from)) {
      if (!open.isCut) this.#take(open.begun.length === 0 ? chunk.subarray(from, end) : Buffer.concat([open.begun, chunk.subarray(from, end)]));
      open.begun = NOTHING;
      open.isCut = false;
      from = end + 1;
      if (this.#hasRoom()) continue;
      keptFrom ??= beginOfLast(chunk, this.#limits.keptLines);
      if (from < keptFrom) this.#leaveOut(countLines(chunk, from, keptFrom));
      from = Math.max(from, keptFrom);
    }
    if (open.isCut) return;
    open.begun = Buffer.concat([open.begun, chunk.subarray(from)]);
    if (open.begun.length <= this.#limits.maxLineChars * MOST_BYTES_PER_CHAR) return;
    // A line without an end is passed on as far as it may go, once; what follows up to its end is not.
    this.#take(open.begun);
    open.begun = NOTHING;
    open.isCut = true;
  }

  /** Lines that nobody will see. */
  #leaveOut(lines: number): void {
    this.#printed += lines;
    this.#drop(lines);
  }

  #take(raw: Buffer): void {
    const { maxLineChars, keptLines } = this.#limits;
    // Cut first: to look for escape codes in a long text may take the square of its length.
    const text = raw.toString('utf8', 0, 2 * maxLineChars * MOST_BYTES_PER_CHAR).slice(0, 2 * maxLineChars);
    const clean = stripVTControlCharacters(text).replaceAll('\t', '  ').replaceAll(/\p{Cc}/gu, '').trimEnd();
    if (clean === '') return;
    const line = clean.length > maxLineChars ? `${clean.slice(0, maxLineChars)}…` : clean;
    this.#kept.push(line);
    this.#printed++;
    if (this.#kept.length > keptLines) this.#kept.shift();
    if (!this.#hasRoom()) return this.#drop(1);
    this.#inWindow++;
    this.#line(line);
  }

  /** Whether one more line may be passed on now. */
  #hasRoom(): boolean {
    const now = this.#clock.now();
    if (now - this.#windowFrom >= SECOND) this.#turn(now);
    return this.#inWindow < this.#limits.maxLinesPerSecond;
  }

  #drop(lines: number): void {
    this.#dropped += lines;
    if (!this.#isFlood) this.#onFlood();
    this.#isFlood = true;
    this.#onDropped(lines);
  }

  #turn(now: Micros): void {
    if (this.#dropped > 0) this.#line(`(${this.#dropped} lines more than ${this.#limits.maxLinesPerSecond} a second were left out)`);
    // A second in which all was passed on, or in which nothing came, ends it.
    this.#isFlood = this.#dropped > 0 && now - this.#windowFrom < 2 * SECOND;
    this.#windowFrom = now;
    this.#inWindow = 0;
    this.#dropped = 0;
  }

  #nextRead(bytes: number): Micros | undefined {
    const { maxBytesPerSecond } = this.#limits;
    const now = this.#clock.now();
    this.#readUntil = Math.max(this.#readUntil, now) + Math.ceil((bytes * SECOND) / maxBytesPerSecond);
    if (this.#readUntil <= now + BURST) return undefined;
    if (!this.#isHeldSaid) this.#line(`(it prints more than ${maxBytesPerSecond} bytes a second: from here on it waits in its print when it does)`);
    this.#isHeldSaid = true;
    return this.#readUntil - BURST;
  }
}

/** Where the last whole lines of a chunk begin. */
function beginOfLast(chunk: Buffer, lines: number): number {
  let at = chunk.length;
  for (let i = 0; i <= lines && at > 0; i++) at = chunk.lastIndexOf(NEWLINE, at - 1);
  return at + 1;
}

/** Lines that are not empty, of those that lie from one place to another, where one begins. */
function countLines(chunk: Buffer, from: number, to: number): number {
  let lines = 0;
  for (let at = from; at < to; at++) if (chunk[at] === NEWLINE && chunk[at - 1] !== NEWLINE) lines++;
  return lines;
}
