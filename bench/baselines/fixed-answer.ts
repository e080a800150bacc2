/** An answer of the native API, as the program that starts a bare server gives it: the same bytes for every contender. */
export interface FixedAnswer {
  readonly decision_id: string;
  readonly output: number;
  readonly model: string;
  readonly version: number;
  readonly source: string;
  readonly confidence: number;
  readonly latency_ms: number;
}

/** What a bare server is started with: how many numbers an input has, and what it answers. */
export function readArguments(): { readonly features: number; readonly answer: FixedAnswer } {
  const [features, answer] = process.argv.slice(2);
  if (features === undefined || answer === undefined) throw new RangeError('to be started with FEATURES and ANSWER, a number and JSON');
  return { features: Number(features), answer: JSON.parse(answer) as FixedAnswer };
}

/** Prints where the server listens, for the program that started it, and ends with it. */
export function announce(port: number): void {
  process.stdout.write(`${JSON.stringify({ port })}\n`);
  process.stdin.on('end', () => process.exit(0)).resume();
}
