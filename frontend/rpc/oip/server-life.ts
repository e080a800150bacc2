import type { Clock } from '../../domain/clock.ts';
import type { OipContainer, Signature } from '../../domain/model.ts';
import type { ExpectedReplica, Refusal, ReplicaFacts, ReplicaWatcher } from '../../domain/runtime.ts';
import { OipLink } from './oip-link.ts';
import { CallError, type ModelMetadata, type Server, type ServerFacts, type ServerWatcher } from './server.ts';
import { signatureOf } from './signature.ts';
import { within } from './within.ts';

export interface ServerLifeOptions {
  readonly address: string;
  readonly container: OipContainer;
  readonly expected: ExpectedReplica;
  readonly watcher: ReplicaWatcher;
  readonly clock: Clock;
  readonly timeoutMs: number;
  readonly probeMs: number;
  readonly open: (watcher: ServerWatcher) => Server;
}

/** So many probes in a row without any answer, and the server counts as dead; a slow answer to one is none yet. */
const MISSED_PROBES = 3;
/** Triton's extension that says how many rows a call may carry. */
const CONFIGURATION = 'model_configuration';

/**
 * One life of one replica on a server of somebody else: it is asked what it serves, taken or turned away, and from then
 * on asked again and again whether it is ready. The life ends with its connection, with a server or model that is not
 * ready or does not answer, or when it is no longer wanted; the next try belongs to whoever runs the replica.
 */
export class ServerLife {
  readonly #options: ServerLifeOptions;
  readonly #server: Server;
  #link: OipLink | undefined;
  /** The metadata that the signature was read from. */
  #known = '';
  #misfits = 0;
  #missed = 0;
  #stopProbe: (() => void) | undefined;
  #stopLimit: (() => void) | undefined;
  #over = false;

  constructor(options: ServerLifeOptions) {
    this.#options = options;
    this.#server = options.open({
      leaving: () => this.#link?.leave('it is going away'),
      gone: (why) => this.end(why),
    });
    this.#within(this.#ask()).then((said) => this.#take(said), (thrown: unknown) => this.end(reasonOf(thrown)));
  }

  end(why: string): void {
    if (this.#over) return;
    this.#over = true;
    this.#stopProbe?.();
    this.#stopLimit?.();
    this.#link?.ended(why);
    this.#server.close();
    const { watcher, address } = this.#options;
    queueMicrotask(() => watcher.ended({ message: `${address}: ${why}` }));
  }

  async #ask(): Promise<{ facts: ServerFacts; metadata: ModelMetadata; maxBatch: number }> {
    const { container } = this.#options;
    const facts = await this.#server.facts();
    if (!(await this.#server.ready())) throw new Error(`its model "${container.model}" is not ready`);
    const metadata = await this.#server.metadata();
    const said = facts.extensions.includes(CONFIGURATION) && !container.unbatched ? await this.#server.maxBatch().catch(() => undefined) : undefined;
    return { facts, metadata, maxBatch: container.unbatched ? 1 : said ?? Number.POSITIVE_INFINITY };
  }

  #take({ facts, metadata, maxBatch }: { facts: ServerFacts; metadata: ModelMetadata; maxBatch: number }): void {
    if (this.#over) return;
    const { watcher, container, expected } = this.#options;
    const { unbatched, maxInFlight } = container;
    const signature = this.#read(metadata);
    if ('code' in signature) return this.#turnAway(signature);
    const kit = `${facts.name} ${facts.version}`.trim();
    const replica: ReplicaFacts = { kit, signature, maxBatch, about: { protocol: 'open inference v2', model: container.model, platform: metadata.platform } };
    const refusal = watcher.judge(replica);
    if (refusal !== undefined) return this.#turnAway(refusal);
    this.#known = JSON.stringify(metadata);
    this.#link = new OipLink({ id: expected.id, signature, maxBatch, maxInFlight, unbatched, server: this.#server, events: watcher, onOver: (why) => this.end(why) });
    watcher.ready(this.#link, replica);
    if (this.#link.credits > 0) watcher.credit(this.#link);
    this.#probeLater();
  }

  #read(metadata: ModelMetadata): Signature | Refusal {
    const { container, expected } = this.#options;
    const signature = signatureOf(metadata, { unbatched: container.unbatched, input: expected.input });
    if ('code' in signature) return signature;
    const without = [...signature.inputs, ...signature.outputs].find(({ dtype }) => !this.#server.carries(dtype));
    if (without === undefined) return signature;
    return { code: 'bad_signature', message: `JSON has no form for "${without.name}" of dtype ${without.dtype}, and the server does not list binary_tensor_data` };
  }

  #turnAway(refusal: Refusal): void {
    this.#options.watcher.refused(refusal);
    this.end('it was turned away');
  }

  #probeLater(): void {
    if (this.#over) return;
    const { clock, probeMs } = this.#options;
    this.#stopProbe = clock.wakeAt(clock.now() + probeMs * 1000, () => {
      this.#probe().then((why) => (why === undefined ? this.#probeLater() : this.end(why)), (thrown: unknown) => this.end(reasonOf(thrown)));
    });
  }

  /** Why it cannot serve any longer, if it cannot. */
  async #probe(): Promise<string | undefined> {
    const { container } = this.#options;
    try {
      if (!(await this.#within(this.#server.ready()))) return `its model "${container.model}" is no longer ready`;
      this.#missed = 0;
    } catch (thrown) {
      if (!(thrown instanceof CallError) || thrown.failure.code !== 'timeout') throw thrown;
      this.#missed++;
      return this.#missed < MISSED_PROBES ? undefined : `${thrown.message} to ${MISSED_PROBES} probes in a row`;
    }
    const { misfits = 0 } = this.#link ?? {};
    if (misfits === this.#misfits) return undefined;
    this.#misfits = misfits;
    // Answers of another shape: a fault of its own, or another model in the place of the one that was dialled.
    const metadata = JSON.stringify(await this.#within(this.#server.metadata()));
    return metadata === this.#known ? undefined : 'its metadata is no longer what it was';
  }

  /** One question at a time is asked of a server. */
  #within<T>(promise: Promise<T>): Promise<T> {
    const { clock, timeoutMs } = this.#options;
    const { result, stop } = within(clock, timeoutMs, promise);
    this.#stopLimit = stop;
    return result;
  }
}

function reasonOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
