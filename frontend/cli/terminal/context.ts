import type { Screen } from './screen.ts';

/** Where a command stands. */
export interface CommandContext extends Screen {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Relative paths begin here. */
  readonly workingFolder: string;
  /** All of standard input. */
  readonly input: () => Promise<string>;
  /** Milliseconds since some moment, and a way to let time pass. */
  readonly now: () => number;
  /** Somebody still reads what is printed, as far as can be told: else there is no use in going on. */
  readonly isHeard: () => boolean;
  readonly pause: (ms: number) => Promise<void>;
}
