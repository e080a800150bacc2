import { bytesOf } from './reply.ts';

/** The keys of one app, under one hash tag. */
export class AppKeys {
  readonly #prefix: string;
  readonly meta: string;
  readonly counts: string;
  readonly cells: string;
  readonly versions: string;
  readonly keyVersions: string;
  readonly journal: string;
  readonly lease: string;

  constructor(app: string) {
    this.#prefix = `tradewind:{${app}}:`;
    this.meta = `${this.#prefix}meta`;
    this.counts = `${this.#prefix}counts`;
    this.cells = `${this.#prefix}cells`;
    this.versions = `${this.#prefix}versions`;
    this.keyVersions = `${this.#prefix}key-versions`;
    this.journal = `${this.#prefix}journal`;
    this.lease = `${this.#prefix}lease`;
  }

  /** The cells of one context key. */
  ofKey(context: Uint8Array): string {
    return `${this.#prefix}key:${bytesOf(context).toString('hex')}`;
  }

  claims(minute: number): string {
    return `${this.#prefix}claims:${minute}`;
  }

  index(minute: number): string {
    return `${this.#prefix}index:${minute}`;
  }
}
