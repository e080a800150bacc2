import type { Trouble } from '../dashboard/snapshot.ts';

const MOST = 100;
const MOST_LETTERS = 500;

/** The last things that the broker warned of or failed at, newest first. Bounded, and bounded in words. */
export class Troubles {
  #list: readonly Trouble[] = [];

  /** The same array until something is added. */
  get list(): readonly Trouble[] {
    return this.#list;
  }

  /** `fields` as they are logged: `model` and `version` (a number, or the whole key), or `app`, say whom it is of; `err`, `fault`, `faults` or `reason` why. */
  add(level: Trouble['level'], fields: Readonly<Record<string, unknown>>, message: string, atMs: number): void {
    const trouble = { at: atMs, level, subject: subjectOf(fields), text: bounded(`${message}${causeOf(fields)}`) };
    const same = this.#list.find(({ subject, text }) => subject === trouble.subject && text === trouble.text);
    const others = this.#list.filter((one) => one !== same);
    this.#list = [{ ...trouble, times: (same?.times ?? 0) + 1 }, ...others.slice(0, MOST - 1)];
  }
}

function subjectOf({ model, version, app }: Readonly<Record<string, unknown>>): string {
  if (typeof model === 'string') return bounded(typeof version === 'string' || typeof version === 'number' ? `${model}@${version}` : model);
  const subject = app ?? version;
  return typeof subject === 'string' ? bounded(subject) : '';
}

function causeOf({ err, faults, fault, reason }: Readonly<Record<string, unknown>>): string {
  if (err instanceof Error) return `: ${err.message}`;
  const said = err ?? fault ?? reason;
  if (typeof said === 'string') return `: ${said}`;
  return Array.isArray(faults) ? `: ${faults.map(String).join('; ')}` : '';
}

function bounded(text: string): string {
  return text.length <= MOST_LETTERS ? text : `${text.slice(0, MOST_LETTERS - 1)}…`;
}
