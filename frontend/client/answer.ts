/** Where an answer comes from: a model, several, or the app's default because no model could answer in time. */
export type Source = 'model' | 'ensemble' | 'default';

interface Common {
  /** The receipt: what feedback names. Row i of many is `<decision_id>.<i>`. */
  readonly decision_id: string;
  readonly source: Source;
  readonly model?: string;
  readonly version?: number;
  readonly cached?: true;
  /** A code of the error table: why the default was given. */
  readonly reason?: string;
  readonly reason_text?: string;
  readonly confidence?: number | null;
  readonly latency_ms: number;
  /** Arms that did not answer in time. */
  readonly missing?: readonly string[];
  readonly explanation?: Readonly<Record<string, unknown>>;
}

/** The answer to one row. */
export interface Answer<Output> extends Common {
  readonly output: Output;
}

/** The answer to many; `rows` is there where they differ in these. */
export interface Answers<Output> extends Common {
  readonly outputs: readonly Output[];
  readonly rows?: readonly { readonly source: Source; readonly cached?: true; readonly reason?: string; readonly confidence?: number | null }[];
}
