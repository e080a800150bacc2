import type { Answer } from '../domain/answer.ts';

/** What is said of an answer beside its outputs; the words are those of the native API. */
export interface AnswerFacts {
  readonly decision_id?: string;
  readonly source?: string;
  readonly model?: string;
  readonly version?: number;
  /** Of all rows, where they agree in it. */
  readonly confidence?: number;
  readonly reason?: string;
}

export function answerFacts(answer: Answer): AnswerFacts {
  const facts: { -readonly [K in keyof AnswerFacts]: AnswerFacts[K] } = {};
  if (answer.decisionId !== undefined) facts.decision_id = answer.decisionId;
  if (!answer.ok) return facts;
  const { source, model, version, reason, rows } = answer;
  const confidence = rows[0]?.confidence;
  facts.source = source;
  if (model !== undefined) facts.model = model;
  if (version !== undefined) facts.version = version;
  if (confidence !== undefined && (rows.length === 1 || rows.every((row) => row.confidence === confidence))) facts.confidence = confidence;
  if (reason !== undefined) facts.reason = reason;
  return facts;
}

const HEADER_NAMES: readonly (readonly [fact: keyof AnswerFacts, name: string])[] = [
  ['decision_id', 'tradewind-decision-id'], ['source', 'tradewind-source'], ['model', 'tradewind-model'], ['version', 'tradewind-version'],
  ['confidence', 'tradewind-confidence'], ['reason', 'tradewind-reason'],
];

/** The same as names and values of HTTP headers or gRPC metadata: `tradewind-decision-id` and so on. */
export function factHeaders(answer: Answer): readonly (readonly [name: string, value: string])[] {
  const facts = answerFacts(answer);
  const headers: (readonly [string, string])[] = [];
  for (const [fact, name] of HEADER_NAMES) {
    const value = facts[fact];
    if (value !== undefined) headers.push([name, String(value)]);
  }
  return headers;
}
