const MOST_LETTERS = 200;
/** What names an error in most languages: `ModuleNotFoundError: …`, `Error: …`, `panic: …`, `FATAL …`. */
const NAMES_ERROR = /\b(?:\w*(?:Error|Exception)|error|fatal|panic)\b/iu;

/** Of the last lines of a program that ended by itself the one that most likely says why: the last that names an error, else the last. */
export function tellingLine(output: readonly string[]): string | undefined {
  const said = output.map((line) => line.trim()).filter((line) => line !== '');
  const line = said.findLast((one) => NAMES_ERROR.test(one)) ?? said.at(-1);
  return line === undefined || line.length <= MOST_LETTERS ? line : `${line.slice(0, MOST_LETTERS - 1)}…`;
}
