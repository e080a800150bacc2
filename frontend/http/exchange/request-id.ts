/** Characters that are safe in a header, in JSON and in a log line as they are. */
const SANE = /^[A-Za-z0-9._~:/+=@-]{1,128}$/;

/**
 * Ids for requests: the caller's own `x-request-id` where it is sane, else `<instance>-<number>`, unique as long as
 * `instance` is one word for this start of the broker.
 */
export class RequestIds {
  readonly #prefix: string;
  #made = 0;

  constructor(instance: string) {
    this.#prefix = `${instance}-`;
  }

  idFor(given: string | string[] | undefined): string {
    if (typeof given === 'string' && SANE.test(given)) return given;
    return this.#prefix + (++this.#made).toString(36);
  }
}
