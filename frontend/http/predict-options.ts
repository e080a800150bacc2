import type { IncomingHttpHeaders } from 'node:http';
import type { Failure } from '../domain/answer.ts';
import type { BinaryRequest } from './predict-body/binary-body.ts';

/**
 * What a predict request may say beside its body, as text: `?slo_ms=5`, or the header `tradewind-slo-ms: 5`, and so on.
 * A binary body has no other place for it. Beside a JSON body only `slo_ms` is taken, where the body does not say it.
 */
export type PredictOptions = BinaryRequest;

export type OptionsResult = { readonly ok: true; readonly options: PredictOptions } | { readonly ok: false; readonly failure: Failure };
type Key = keyof PredictOptions;

/** Word in the query → key. Its header is `tradewind-` and the word with hyphens. */
const WORDS: readonly (readonly [word: string, key: Key])[] = Object.freeze([
  ['slo_ms', 'sloMs'], ['dtype', 'dtype'], ['shape', 'shape'], ['model', 'model'], ['version', 'version'],
  ['explain', 'explain'], ['context', 'context'],
]);
const KEYS: ReadonlyMap<string, Key> = new Map(WORDS);
const HEADERS: readonly (readonly [header: string, key: Key])[] = WORDS.map(([word, key]) => [`tradewind-${word.replaceAll('_', '-')}`, key]);

const NONE: OptionsResult = Object.freeze({ ok: true, options: Object.freeze({}) });

/** Collects them, unchecked; the query wins over the headers. What the route does not know is refused by its place. */
export function predictOptions(headers: IncomingHttpHeaders, query: Readonly<Record<string, unknown>>, media: 'json' | 'binary'): OptionsResult {
  let options: { [K in Key]?: string } | undefined;
  for (const [header, key] of HEADERS) {
    const text = headers[header];
    if (text === undefined || (media === 'json' && key !== 'sloMs')) continue;
    // Node joins a header that was given twice with a comma: no value of these survives that.
    (options ??= {})[key] = String(text);
  }
  for (const word in query) {
    const text = query[word];
    const key = KEYS.get(word);
    const path = `?${word}`;
    if (key === undefined) return refused('unknown_field', `Expected one of ${[...KEYS.keys()].join(', ')}.`, path);
    if (media === 'json' && key !== 'sloMs') return refused('invalid_field', 'Beside a JSON body only `slo_ms` is taken; say the rest in the body.', path);
    if (typeof text !== 'string') return refused('duplicate_field', `\`${word}\` was given twice.`, path);
    (options ??= {})[key] = text;
  }
  return options === undefined ? NONE : { ok: true, options };
}

function refused(code: Failure['code'], message: string, path: string): OptionsResult {
  return { ok: false, failure: { code, message, path } };
}
