import { stripVTControlCharacters } from 'node:util';

/** Where a command writes: lines for people, on a terminal or into a file. */
export interface Screen {
  /** One or more lines on standard output. */
  readonly print: (text: string) => void;
  /** Columns of the terminal; undefined where the output is no terminal, and nothing is cut. */
  readonly columns: number | undefined;
  readonly paint: Paint;
}

export type Tone = 'bold' | 'dim' | 'red' | 'green' | 'yellow';
export type Paint = (tone: Tone, text: string) => string;

const CODES: Readonly<Record<Tone, readonly [number, number]>> = { bold: [1, 22], dim: [2, 22], red: [31, 39], green: [32, 39], yellow: [33, 39] };

/** Colour only on a terminal that can, and where nobody said no (https://no-color.org). */
export function paintFor(isTerminal: boolean, environment: Readonly<Record<string, string | undefined>>): Paint {
  const colours = isTerminal && (environment['NO_COLOR'] ?? '') === '' && environment['TERM'] !== 'dumb';
  return (tone, text) => (colours ? `\u001B[${CODES[tone][0]}m${text}\u001B[${CODES[tone][1]}m` : text);
}

/** A text of somebody else's as one line that can be shown: escape codes and control characters taken out. */
export function harmless(text: string): string {
  return stripVTControlCharacters(text).replaceAll('\t', '  ').replaceAll(/\p{Cc}+/gu, ' ');
}
