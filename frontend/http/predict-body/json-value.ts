import { isUtf8 } from 'node:buffer';
import type { ByteWindow } from './byte-window.ts';

export type ValueEnd =
  /** The first byte behind the value is at `at`. */
  | { readonly kind: 'end'; readonly at: number }
  | { readonly kind: 'cut' }
  /** The bracket at `at` is one too many. */
  | { readonly kind: 'too_deep'; readonly at: number };

const CUT: ValueEnd = { kind: 'cut' };

/**
 * Finds where a JSON value ends that is kept as bytes until all of it is there. It only counts brackets and minds strings;
 * whether the value is JSON is for `JSON.parse` to say.
 */
export class JsonValueScanner {
  #depth = 0;
  #inString = false;

  reset(): void {
    this.#depth = 0;
    this.#inString = false;
  }

  /** The value begins at `window.at`; called again after more bytes came, it goes on where it stopped. */
  scan(window: ByteWindow, maxDepth: number): ValueEnd {
    const { bytes, at, end } = window;
    let i = at + window.scanned;
    for (; i < end; i++) {
      const c = bytes[i] as number;
      if (this.#inString) {
        if (c === 0x5c) {
          if (i + 1 >= end) break;
          i++;
        } else if (c === 0x22) {
          this.#inString = false;
          if (this.#depth === 0) return { kind: 'end', at: i + 1 };
        }
      } else if (c === 0x22) {
        this.#inString = true;
      } else if (c === 0x7b || c === 0x5b) {
        if (++this.#depth > maxDepth) return { kind: 'too_deep', at: i };
      } else if (c === 0x7d || c === 0x5d) {
        // A bracket that nothing opened belongs to what is around the value.
        if (this.#depth === 0) return { kind: 'end', at: i };
        if (--this.#depth === 0) return { kind: 'end', at: i + 1 };
      } else if (this.#depth === 0 && (c === 0x2c || c <= 0x20)) {
        return { kind: 'end', at: i };
      }
    }
    window.scanned = i - at;
    return CUT;
  }
}

/** The value of these bytes; undefined (which JSON cannot say) where they are not JSON in UTF-8. */
export function jsonValue(bytes: Buffer, from: number, to: number): unknown {
  if (!isUtf8(bytes.subarray(from, to))) return undefined;
  try {
    return JSON.parse(bytes.toString('utf8', from, to)) as unknown;
  } catch {
    return undefined;
  }
}
