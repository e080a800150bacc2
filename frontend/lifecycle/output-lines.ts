import { StringDecoder } from 'node:string_decoder';
import { stripVTControlCharacters } from 'node:util';
import type { Clock, Micros } from '../domain/clock.ts';

export interface OutputLimits {
  readonly maxLineChars: number;
  /** Lines a second that are passed on; the rest is counted. */
  readonly maxLinesPerSecond: number;
  /** Lines that are kept for the operator. */
  readonly keptLines: number;
}

export const OUTPUT_LIMITS: OutputLimits = Object.freeze({ maxLineChars: 2000, maxLinesPerSecond: 100, keptLines: 50 });

const SECOND: Micros = 1_000_000;

/**
 * What a container prints, as lines that can be shown to anybody: escape codes and control characters taken out, length
 * and rate bounded. `line` gets each line that is passed on; the last ones are kept, those over the rate too.
 */
export class OutputLines {
  readonly #clock: Clock;
  readonly #limits: OutputLimits;
  readonly #line: (line: string) => void;
  readonly #onDropped: () => void;
  readonly #kept: string[] = [];
  #printed = 0;
  #windowFrom: Micros;
  #inWindow = 0;
  #dropped = 0;

  constructor(clock: Clock, line: (line: string) => void, { onDropped, ...limits }: OutputLimits & { onDropped?: () => void } = OUTPUT_LIMITS) {
    this.#clock = clock;
    this.#onDropped = onDropped ?? (() => undefined);
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

  /** A sink for one stream; call it with each chunk, and with undefined at the end. */
  stream(): (chunk: Buffer | undefined) => void {
    const decoder = new StringDecoder('utf8');
    let rest = '';
    let cut = false;
    return (chunk) => {
      const lines = (rest + (chunk === undefined ? decoder.end() : decoder.write(chunk))).split('\n');
      rest = chunk === undefined ? '' : lines.pop() ?? '';
      for (const line of lines) {
        if (!cut) this.#take(line);
        cut = false;
      }
      // A line without an end is passed on as far as it may go, once; what follows up to its end is not.
      if (rest.length > this.#limits.maxLineChars) {
        if (!cut) this.#take(rest);
        cut = true;
        rest = '';
      }
    };
  }

  #take(raw: string): void {
    const clean = stripVTControlCharacters(raw).replaceAll('\t', '  ').replaceAll(/\p{Cc}/gu, '').trimEnd();
    if (clean === '') return;
    const { maxLineChars, maxLinesPerSecond, keptLines } = this.#limits;
    const line = clean.length > maxLineChars ? `${clean.slice(0, maxLineChars)}…` : clean;
    this.#kept.push(line);
    this.#printed++;
    if (this.#kept.length > keptLines) this.#kept.shift();
    const now = this.#clock.now();
    if (now - this.#windowFrom >= SECOND) this.#turn(now);
    if (this.#inWindow >= maxLinesPerSecond) {
      this.#dropped++;
      this.#onDropped();
    } else {
      this.#inWindow++;
      this.#line(line);
    }
  }

  #turn(now: Micros): void {
    if (this.#dropped > 0) this.#line(`(${this.#dropped} lines more than ${this.#limits.maxLinesPerSecond} a second were left out)`);
    this.#windowFrom = now;
    this.#inWindow = 0;
    this.#dropped = 0;
  }
}
