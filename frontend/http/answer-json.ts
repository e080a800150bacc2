import type { Answer, AnswerRow, OutputValue } from '../domain/answer.ts';
import { float32Decimal } from './float32-decimal.ts';
import { numberJson, tensorJson } from './tensor-json.ts';

/** What stands behind the point of so many thousandths. */
const THOUSANDTHS: readonly string[] = Array.from({ length: 1000 }, (_, count) => String(count / 1000).slice(2));

export type Given = Extract<Answer, { readonly ok: true }>;

/**
 * The body of a predict answer, keys in this order:
 * `decision_id, output | outputs, rows?, model?, version?, source, cached?, reason?, reason_text?, confidence?, latency_ms,
 * missing?, explanation?`. `many` says which of `output` and `outputs`; `rows` stands there where rows differ in their
 * source, reason, confidence or in being cached, and those at the top are of all rows otherwise; `cached` at the top says
 * that all rows are.
 *
 * Put together by hand: a schema's serialiser would want an object built for it first. The decision id (base64url and
 * points), model names and codes need no escaping.
 */
export function answerJson(answer: Given, many: boolean): string {
  const first = answer.rows[0];
  if (first === undefined) throw new Error(`answer without rows, slot ${answer.slot}`);
  let json = answer.decisionId === undefined ? '{' : `{"decision_id":"${answer.decisionId}",`;
  const alike = answer.rows.length === 1 || answer.rows.every((row) => sameAs(row, first));
  if (many) {
    json += `"outputs":[${answer.rows.map((row) => outputJson(row.output)).join(',')}],`;
    if (!alike) json += `"rows":[${answer.rows.map(rowJson).join(',')}],`;
  } else {
    json += `"output":${outputJson(first.output)},`;
  }
  if (answer.model !== undefined) json += `"model":"${answer.model}",`;
  if (answer.version !== undefined) json += `"version":${answer.version},`;
  json += `"source":"${answer.source}",`;
  if (first.cached === true && isCached(answer.rows)) json += '"cached":true,';
  if (answer.reason !== undefined) json += `"reason":"${answer.reason}",`;
  if (answer.reasonText !== undefined) json += `"reason_text":${JSON.stringify(answer.reasonText)},`;
  if (alike && first.confidence !== undefined) json += `"confidence":${confidenceJson(first.confidence)},`;
  json += `"latency_ms":${thousandths(answer.latencyMicros)}`;
  if (answer.missing !== undefined) json += `,"missing":${JSON.stringify(answer.missing)}`;
  if (answer.explanation !== undefined) json += `,"explanation":${JSON.stringify(answer.explanation)}`;
  return `${json}}`;
}

/** No row of it cost a model anything. */
export function isCached(rows: readonly AnswerRow[]): boolean {
  return rows.every((row) => row.cached === true);
}

/** What a row comes to: one tensor bare, several as an object by their names. */
export function outputJson(output: OutputValue): string {
  switch (output.kind) {
    case 'label': return typeof output.label === 'number' ? numberJson(output.label) : JSON.stringify(output.label);
    case 'value': return output.dtype === 'float32' ? float32Decimal(output.value) : numberJson(output.value);
    case 'json': return JSON.stringify(output.json) ?? 'null';
    case 'tensors': {
      const [only] = output.tensors;
      if (only !== undefined && output.tensors.length === 1) return tensorJson(only);
      return `{${output.tensors.map((tensor) => `${JSON.stringify(tensor.name)}:${tensorJson(tensor)}`).join(',')}}`;
    }
  }
}

function rowJson(row: AnswerRow): string {
  let json = `{"source":"${row.source}"`;
  if (row.cached === true) json += ',"cached":true';
  if (row.reason !== undefined) json += `,"reason":"${row.reason}"`;
  if (row.confidence !== undefined) json += `,"confidence":${confidenceJson(row.confidence)}`;
  return `${json}}`;
}

function sameAs(a: AnswerRow, b: AnswerRow): boolean {
  return a.source === b.source && a.reason === b.reason && a.confidence === b.confidence && a.cached === b.cached;
}

/** Most come out of a float32: those are printed as such. A confidence is a measurement, not a number to be given back. */
function confidenceJson(confidence: number): string {
  if (!Number.isFinite(confidence)) return 'null';
  return Math.fround(confidence) === confidence ? float32Decimal(confidence) : String(confidence);
}

/** `count / 1000` in decimal, of an integer: printing a double costs four times as much. */
function thousandths(count: number): string {
  const whole = Math.floor(count / 1000);
  const rest = count - whole * 1000;
  return rest === 0 ? `${whole}` : `${whole}.${THOUSANDTHS[rest] ?? ''}`;
}
