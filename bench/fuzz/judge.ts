import { ERRORS } from '../../frontend/domain/errors.ts';
import type { RawAnswer } from './answer-reader.ts';
import type { Message } from './message.ts';

/** What the control question must be answered. */
export interface ControlAnswer {
  readonly output: number;
}

/**
 * What is wrong with an answer, in words; undefined where nothing is. An error must be of the table, with the table's
 * status; `internal` is a fault of ours whatever was asked.
 */
export function judge(answer: RawAnswer, message: Message | undefined, control: ControlAnswer): string | undefined {
  if (message?.control === true) return judgeControl(answer, control);
  if (answer.status < 400) return undefined;
  // Not ready is no error, and has a body of its own.
  if (answer.status === 503 && message?.path.startsWith('/readyz') === true) return undefined;
  if (message?.method === 'HEAD') return answer.status >= 500 ? `HEAD: ${answer.status}` : undefined;
  const code = errorCode(answer.body);
  if (code === undefined || !Object.hasOwn(ERRORS, code)) return `${answer.status} with a body that names no code of the table: ${answer.body.toString('utf8', 0, 300)}`;
  const row = ERRORS[code as keyof typeof ERRORS];
  if (row.http !== answer.status) return `${code} has status ${row.http}, not ${answer.status}`;
  return code === 'internal' ? `a fault of the broker: ${answer.body.toString('utf8', 0, 300)}` : undefined;
}

function judgeControl({ status, body }: RawAnswer, control: ControlAnswer): string | undefined {
  const answer = status === 200 ? (JSON.parse(body.toString()) as { source?: string; output?: unknown }) : {};
  if (answer.source === 'model' && answer.output === control.output) return undefined;
  return `the control query, whose answer is ${control.output}, got ${status} ${body.toString('utf8', 0, 300)}`;
}

function errorCode(body: Buffer): string | undefined {
  try {
    return (JSON.parse(body.toString()) as { error?: { code?: string } }).error?.code;
  } catch {
    return undefined;
  }
}
