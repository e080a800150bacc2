/**
 * Where requests come from. `next` is called once a request and must be cheap: it is part of the generator's own cost.
 * The bytes that it returns are one whole HTTP/1.1 request; they are copied before the next call, so that a source may
 * change one buffer in place for ever.
 */
export interface RequestSource {
  next(sequence: number): Uint8Array;
  /**
   * Looks at the answer to request `sequence`; what is returned is the fault, in words. `body` is valid during the call
   * only.
   */
  check?(sequence: number, status: number, body: Buffer): string | undefined;
  /** Anything to add to the report once all is over. */
  report?(): Readonly<Record<string, unknown>>;
}

/** What a module that provides requests exports under the name `createSource`; `options` is plain data. */
export type CreateSource = (options: unknown) => RequestSource | Promise<RequestSource>;

/** Loads a module by its file URL and makes its source. */
export async function loadSource(module: string, options: unknown): Promise<RequestSource> {
  const loaded = (await import(module)) as Record<string, unknown>;
  const create = loaded['createSource'];
  if (typeof create !== 'function') throw new TypeError(`${module} exports no function createSource`);
  return (create as CreateSource)(options);
}
