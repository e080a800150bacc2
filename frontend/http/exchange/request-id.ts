/** Characters that are safe in a header, in JSON and in a log line as they are. */
const SANE = /^[A-Za-z0-9._~:/+=@-]{1,128}$/;

/** Two digits of base 36. */
const LAST_DIGITS: readonly string[] = Array.from({ length: 36 * 36 }, (_, number) => number.toString(36).padStart(2, '0'));

/**
 * Ids for requests: the caller's own `x-request-id` where it is sane, else `<instance>-<number>`, unique as long as
 * `instance` is one word for this start of the broker.
 */
export class RequestIds {
  readonly #prefix: string;
  #made = 0;
  /** The prefix, and the number but for its last two digits. */
  #begins = '';

  constructor(instance: string) {
    this.#prefix = `${instance}-`;
  }

  idFor(given: string | string[] | undefined): string {
    if (typeof given === 'string' && SANE.test(given)) return given;
    const low = this.#made++ % LAST_DIGITS.length;
    // To print a number in this base costs as much as all else here.
    if (low === 0) this.#begins = this.#prefix + Math.floor(this.#made / LAST_DIGITS.length).toString(36);
    return this.#begins + (LAST_DIGITS[low] ?? '');
  }
}
