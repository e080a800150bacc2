import { WireError } from '../../../protos/wire.ts';

/** An answer, its outputs, one of them, its parameters; 32 dimensions of data; and what else a server may say. */
const MAX_DEPTH = 64;
/** Arrays and objects of one answer: those of 4,000 rows of 64 vectors each. They take some 0.1 s. */
const MAX_PLACES = 1 << 18;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/**
 * To be asked before JSON of a server is parsed: arrays take many times as long as numbers do, a second for 10 MB of them inside or
 * beside one another, in which nobody else is served. Throws `WireError` where they, and objects, are more than 64 deep or 262,144 in
 * all. It only counts brackets and minds strings; whether it is JSON is for `JSON.parse` to say.
 */
export function boundNesting(json: Buffer): void {
  let depth = 0;
  let places = 0;
  for (let i = 0; i < json.length; i++) {
    const c = json[i] as number;
    if (c === QUOTE) i = stringEnd(json, i);
    else if (c === 0x5b || c === 0x7b) {
      if (++depth > MAX_DEPTH) throw new WireError(`an answer with JSON that is nested more than ${MAX_DEPTH} deep`);
      if (++places > MAX_PLACES) throw new WireError(`an answer with JSON of more than ${MAX_PLACES} arrays and objects`);
    } else if (c === 0x5d || c === 0x7d) depth--;
  }
}

/** Where the string ends that begins at `from`; the end of the bytes where it does not. */
function stringEnd(json: Buffer, from: number): number {
  for (let i = from + 1; i < json.length; i++) {
    const c = json[i];
    if (c === QUOTE) return i;
    if (c === BACKSLASH) i++;
  }
  return json.length;
}
