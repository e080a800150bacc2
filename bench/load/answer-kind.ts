/** What an answer of the native API says about where it came from. */
export interface AnswerKind {
  /** `model`, `ensemble`, `default`; `other` where the body says nothing (errors, other servers). */
  readonly source: string;
  /** The reason of a default or the code of an error; empty where there is none. */
  readonly reason: string;
}

const SOURCE = Buffer.from('"source":"');
const REASON = Buffer.from('"reason":"');
const CODE = Buffer.from('"code":"');
const QUOTE = 34;
const LETTER_D = 100;
const LETTER_E = 101;
const LETTER_M = 109;

const MODEL: AnswerKind = { source: 'model', reason: '' };
const ENSEMBLE: AnswerKind = { source: 'ensemble', reason: '' };

/**
 * Reads source and reason from the body's bytes without parsing it. No string of a JSON body can hold these marks
 * (its quotes would be escaped), so that the first find is a key of the answer.
 */
export function answerKind(status: number, body: Buffer): AnswerKind {
  if (status !== 200) return { source: 'other', reason: word(body, CODE) };
  const at = body.indexOf(SOURCE);
  const letter = at < 0 ? 0 : body[at + SOURCE.length];
  switch (letter) {
    case LETTER_M: return MODEL;
    case LETTER_E: return ENSEMBLE;
    case LETTER_D: return { source: 'default', reason: word(body, REASON) };
    default: return { source: 'other', reason: '' };
  }
}

function word(body: Buffer, mark: Buffer): string {
  const at = body.indexOf(mark);
  if (at < 0) return '';
  const start = at + mark.length;
  const end = body.indexOf(QUOTE, start);
  return body.toString('latin1', start, end < 0 ? start : Math.min(end, start + 64));
}
