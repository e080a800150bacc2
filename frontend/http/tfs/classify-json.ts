import type { ScoredClass } from '../../protocols/tfs/classified.ts';
import { scoreJson } from './predictions-json.ts';

/** The body that answers `:classify`: for each example its classes, `[label, score]` each. (`results`, as the server writes it; its page says `result`.) */
export function classificationsJson(rows: readonly (readonly ScoredClass[])[]): string {
  return `{"results":[${rows.map((classes) => `[${classes.map(({ label, score }) => `[${JSON.stringify(label)},${scoreJson(score)}]`).join(',')}]`).join(',')}]}`;
}

/** The body that answers `:regress`: one number for each example. */
export function regressionsJson(values: readonly number[]): string {
  return `{"results":[${values.map(scoreJson).join(',')}]}`;
}
