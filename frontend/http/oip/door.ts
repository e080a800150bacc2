import type { Clock } from '../../domain/clock.ts';
import { ERRORS } from '../../domain/errors.ts';
import type { Served } from '../../domain/served.ts';
import { askOfHeaders, guarded, isFailure } from '../../protocols/ask.ts';
import { findServed } from '../../protocols/oip/find-served.ts';
import type { InferParts } from '../../protocols/oip/infer-call.ts';
import { InputPlan, MOST_ROWS } from '../../protocols/oip/input-plan.ts';
import type { Refusal } from '../error-reply.ts';
import type { Exchange } from '../exchange/exchange.ts';
import type { OpenBodies } from '../exchange/open-bodies.ts';
import { refuseUnread } from '../exchange/refuse-unread.ts';
import { parseTarget, type ParseTarget } from '../predict-body/parse-target.ts';
import { InferBodyReader } from './infer-body-reader.ts';
import { InferExchange, type InferOwner, type InferReader } from './infer-exchange.ts';
import { oipRefusal } from './oip-error.ts';
import { RawBodyReader } from './raw-body-reader.ts';

/** Idle readers that are kept; each holds some 70 KB. */
const MAX_IDLE = 64;

export interface InferDoorOptions extends InferParts {
  readonly clock: Clock;
  readonly maxBodyBytes: number;
  /** Most bytes of outputs that go out as JSON, in one answer. */
  readonly maxJsonBytes: number;
  readonly maxOpenPerConnection: number;
  readonly bodies: OpenBodies;
  readonly draining: () => boolean;
  readonly onFault: (fault: unknown, requestId: string) => void;
}

/** One request for an inference. */
export interface InferRequest {
  readonly exchange: Exchange;
  readonly model: string;
  readonly version: string | undefined;
}

/** `POST /v2/models/{model}[/versions/{version}]/infer`: reads bodies as they come, asks the road, writes answers. */
export class InferDoor implements InferOwner {
  readonly parts: InferParts;
  readonly maxBodyBytes: number;
  readonly maxJsonBytes: number;
  readonly #options: InferDoorOptions;
  readonly #target: ParseTarget;
  readonly #idle: InferBodyReader[] = [];

  constructor(options: InferDoorOptions) {
    this.#options = options;
    this.parts = options;
    this.maxBodyBytes = options.maxBodyBytes;
    this.maxJsonBytes = options.maxJsonBytes;
    this.#target = parseTarget({
      inputs: [], slabs: options.slabs, sloMinMs: 0, sloMaxMs: Number.POSITIVE_INFINITY, maxRows: MOST_ROWS, maxBinaryBytes: options.maxBodyBytes, nonFinite: true,
    });
  }

  get draining(): boolean {
    return this.#options.draining();
  }

  take(request: InferRequest): void {
    try {
      this.#begin(request);
    } catch (fault) {
      // Nobody above would answer it: the lane is the event loop's.
      this.onFault(fault, request.exchange.requestId);
      this.refuse(request.exchange, { code: 'internal', message: ERRORS.internal.message });
    }
  }

  #begin({ exchange, model, version }: InferRequest): void {
    const arrivedAtMicros = this.#options.clock.arrived();
    const { headers, connection } = exchange;
    // Its client has gone already.
    if (connection.socket.destroyed) return;
    const found = findServed(this.parts.served, model, version);
    if ('code' in found) return this.refuse(exchange, found);
    const denied = guarded(found, this.parts.access, headers.authorization);
    if (denied !== undefined) return this.refuse(exchange, denied);
    if (connection.open.length >= this.#options.maxOpenPerConnection) return this.refuse(exchange, { code: 'overloaded', message: ERRORS.overloaded.message });
    const ask = askOfHeaders((name) => {
      const value = headers[name];
      return typeof value === 'string' ? value : undefined;
    });
    if (isFailure(ask)) return this.refuse(exchange, ask);
    const said = headers['inference-header-content-length'];
    if (said !== undefined && !(typeof said === 'string' && /^\d{1,10}$/.test(said))) {
      return this.refuse(exchange, { code: 'malformed_request', message: 'Inference-Header-Content-Length is no number of bytes' });
    }
    const reader = this.#reader(found, said === undefined ? undefined : Number(said));
    new InferExchange(this, { exchange, served: found, arrivedAtMicros, ask, reader }).begin();
  }

  refuse(exchange: Exchange, refusal: Refusal): void {
    this.parts.refused.add(refusal.code);
    this.tell(exchange, refusal);
  }

  tell(exchange: Exchange, refusal: Refusal): void {
    refuseUnread(exchange, this.#options.clock, oipRefusal(refusal, exchange.requestId, this.draining));
  }

  hold(bytes: number): boolean {
    return this.#options.bodies.hold(bytes);
  }

  done(reader: InferReader | undefined, heldBytes: number): void {
    this.#options.bodies.letGo(heldBytes);
    if (reader instanceof InferBodyReader && this.#idle.length < MAX_IDLE) this.#idle.push(reader);
  }

  onFault(fault: unknown, requestId: string): void {
    this.#options.onFault(fault, requestId);
  }

  #reader({ name, view }: Served, jsonBytes: number | undefined): InferReader {
    const plan = InputPlan.of(name, view);
    if (jsonBytes === 0) return new RawBodyReader(plan, this.parts.slabs);
    const reader = this.#idle.pop() ?? new InferBodyReader();
    reader.reset(plan, this.#target, jsonBytes);
    return reader;
  }
}
