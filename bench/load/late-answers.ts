import type { AnswerKind } from './answer-kind.ts';

/** An answer that came later than the SLO, and where its time went as far as it can be told. */
export interface LateAnswer {
  readonly sequence: number;
  /** From the moment at which it was to leave. */
  readonly latencyMicros: number;
  /** So much of it passed before it left: the generator's own. */
  readonly leftLateMicros: number;
  /** So much the server says that it took (`latency_ms`); the rest lies between the two. */
  readonly serverMicros?: number;
  readonly source: string;
  readonly reason: string;
}

/** The latest few, for people to look at. */
const MOST_KEPT = 16;
const LATENCY = Buffer.from('"latency_ms":');

/** Counts the answers that came later than the SLO, and keeps the worst. */
export class LateAnswers {
  readonly #sloMicros: number;
  /** The latest first. */
  readonly #worst: LateAnswer[] = [];
  #count = 0;
  #byGenerator = 0;

  constructor(sloMicros: number) {
    this.#sloMicros = sloMicros;
  }

  get count(): number {
    return this.#count;
  }
  /** Of these the ones that would have been on time, had they left at their moment. */
  get byGenerator(): number {
    return this.#byGenerator;
  }
  get worst(): readonly LateAnswer[] {
    return this.#worst;
  }

  add(times: { readonly sequence: number; readonly latencyMicros: number; readonly leftLateMicros: number }, { source, reason }: AnswerKind, body: Buffer): void {
    this.#count++;
    if (times.latencyMicros - times.leftLateMicros <= this.#sloMicros) this.#byGenerator++;
    const at = this.#worst.findIndex(({ latencyMicros }) => latencyMicros < times.latencyMicros);
    if (at < 0 && this.#worst.length === MOST_KEPT) return;
    const serverMicros = serverMicrosOf(body);
    this.#worst.splice(at < 0 ? this.#worst.length : at, 0, { ...rounded(times), ...(serverMicros === undefined ? {} : { serverMicros }), source, reason });
    if (this.#worst.length > MOST_KEPT) this.#worst.pop();
  }
}

function rounded({ sequence, latencyMicros, leftLateMicros }: { sequence: number; latencyMicros: number; leftLateMicros: number }): { sequence: number; latencyMicros: number; leftLateMicros: number } {
  return { sequence, latencyMicros: Math.round(latencyMicros), leftLateMicros: Math.round(leftLateMicros) };
}

/** What an answer of the native API says of its time. */
function serverMicrosOf(body: Buffer): number | undefined {
  const at = body.indexOf(LATENCY);
  if (at < 0) return undefined;
  const millis = Number.parseFloat(body.toString('latin1', at + LATENCY.length, at + LATENCY.length + 24));
  return Number.isNaN(millis) ? undefined : Math.round(millis * 1000);
}
