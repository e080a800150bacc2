/**
 * One thing that is wrong with what somebody wanted. `path` leads to it: keys and list positions from the outermost on;
 * a name may stand where a list position would (`['apps', 'digits', 'arms', 0]`).
 */
export interface Fault {
  readonly path: readonly (string | number)[];
  /** What is wrong, as a clause: `is 9`. */
  readonly message: string;
  /** What may stand there instead: `an integer from 1 to 5`. */
  readonly expected?: string;
}

/** The path as it is shown: `apps[0].arms[1]`, `models.digits@3`; the whole is ``. */
export function pathText(path: readonly (string | number)[]): string {
  let text = '';
  for (const segment of path) {
    if (typeof segment === 'number') text += `[${segment}]`;
    else text += text === '' ? segment : `.${segment}`;
  }
  return text;
}

export function faultText(fault: Fault): string {
  const where = pathText(fault.path);
  const expected = fault.expected === undefined ? '' : ` (expected ${fault.expected})`;
  return `${where === '' ? '' : `${where}: `}${fault.message}${expected}`;
}
