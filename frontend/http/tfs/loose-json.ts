import { isUtf8 } from 'node:buffer';

/** A number as it was written: an integer is told from a decimal, and none is rounded. */
export interface WrittenNumber {
  readonly number: string;
}
export type LooseJson = null | boolean | string | WrittenNumber | readonly LooseJson[] | ReadonlyMap<string, LooseJson>;

export type LooseResult = { readonly ok: true; readonly value: LooseJson } | { readonly ok: false; readonly message: string };

const TOKEN = /[\t\n\r ]*(?:([{}[\],:])|(")|(-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.+-])|-?(?:NaN|Inf(?:inity)?)\b)|(true|false|null)\b)/y;

class LooseError extends Error {}

/**
 * The first JSON value of a body, with `NaN`, `Infinity` and `-Infinity` among its numbers; what follows it is not read. For
 * small bodies whose numbers must keep how they were written; tensors are read by the parsers of `predict-body`.
 */
export function looseJson(bytes: Buffer, maxDepth: number): LooseResult {
  if (bytes.length === 0) return { ok: false, message: 'JSON Parse error: The document is empty' };
  if (!isUtf8(bytes)) return { ok: false, message: 'JSON Parse error: The document is not UTF-8' };
  const text = bytes.toString('utf8');
  let at = 0;

  const token = (): RegExpExecArray => {
    TOKEN.lastIndex = at;
    const found = TOKEN.exec(text);
    if (found === null) throw new LooseError(`JSON Parse error: Invalid value. at offset: ${at}`);
    at = TOKEN.lastIndex;
    return found;
  };
  /** The string whose opening quote was the last token. */
  const string = (): string => {
    const from = at - 1;
    for (; at < text.length; at++) {
      const c = text.charCodeAt(at);
      if (c === 0x22) return unquoted(text.slice(from, ++at));
      if (c === 0x5c) at++;
    }
    throw new LooseError(`JSON Parse error: Missing a closing quotation mark in string. at offset: ${from}`);
  };
  const value = (found: RegExpExecArray, depth: number): LooseJson => {
    const [, mark, quote, number, word] = found;
    if (quote !== undefined) return string();
    if (number !== undefined) return { number };
    if (word !== undefined) return word === 'null' ? null : word === 'true';
    if (depth >= maxDepth) throw new LooseError(`JSON Parse error: More than ${maxDepth} levels. at offset: ${at}`);
    if (mark === '[') return list(depth);
    if (mark === '{') return object(depth);
    throw new LooseError(`JSON Parse error: Invalid value. at offset: ${at}`);
  };
  const list = (depth: number): LooseJson => {
    const items: LooseJson[] = [];
    for (let next = token(); ; next = token()) {
      if (next[1] === ']' && items.length === 0) return items;
      items.push(value(next, depth + 1));
      if (ends(']')) return items;
    }
  };
  const object = (depth: number): LooseJson => {
    const members = new Map<string, LooseJson>();
    for (let key = token(); ; key = token()) {
      if (key[1] === '}' && members.size === 0) return members;
      if (key[2] === undefined) throw new LooseError(`JSON Parse error: Missing a name for object member. at offset: ${at}`);
      const name = string();
      if (token()[1] !== ':') throw new LooseError(`JSON Parse error: Missing a colon after a name of object member. at offset: ${at}`);
      if (members.has(name)) throw new LooseError(`JSON Parse error: The name "${name.slice(0, 64)}" is given twice. at offset: ${at}`);
      members.set(name, value(token(), depth + 1));
      if (ends('}')) return members;
    }
  };
  const ends = (close: ']' | '}'): boolean => {
    const [, mark] = token();
    if (mark !== ',' && mark !== close) throw new LooseError(`JSON Parse error: Missing a comma or ${close}. at offset: ${at}`);
    return mark === close;
  };

  try {
    return { ok: true, value: value(token(), 0) };
  } catch (error) {
    if (error instanceof LooseError) return { ok: false, message: error.message };
    throw error;
  }
}

function unquoted(quoted: string): string {
  try {
    return JSON.parse(quoted) as string;
  } catch {
    throw new LooseError('JSON Parse error: Invalid escape or control character in string.');
  }
}
