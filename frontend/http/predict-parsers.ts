import type { Failure } from '../domain/answer.ts';
import type { AppView } from '../domain/ports.ts';
import type { SlabPool } from '../domain/slabs.ts';
import type { BodyReader } from './place.ts';
import { BinaryPredictParser } from './predict-body/binary-body.ts';
import { noFields, takeField } from './predict-body/body-fields.ts';
import { JsonPredictParser } from './predict-body/json-predict-parser.ts';
import { type ParseTarget, parseTarget } from './predict-body/parse-target.ts';
import type { PredictOptions } from './predict-options.ts';

/** So many idle parsers of a kind are kept: as many bodies as usually are under way at once; each holds some 50 KB. */
const MAX_IDLE = 64;

export type ReaderFor =
  /** Where the app's inputs are not known, `reader` counts the rows of JSON, and is undefined for a binary body, whose rows nobody can tell; `sloMs` is what was said beside a JSON body. */
  | { readonly ok: true; readonly reader: BodyReader | undefined; readonly sloMs: number | undefined }
  | { readonly ok: false; readonly failure: Failure };

/** Parsers hold buffers and are used again: one serves one body at a time. What an app's bodies are parsed for is kept with it. */
export class PredictParsers {
  readonly #slabs: SlabPool;
  readonly #maxBodyBytes: number;
  readonly #targets = new WeakMap<AppView, ParseTarget>();
  readonly #json: JsonPredictParser[] = [];
  readonly #binary: BinaryPredictParser[] = [];

  constructor(slabs: SlabPool, maxBodyBytes: number) {
    this.#slabs = slabs;
    this.#maxBodyBytes = maxBodyBytes;
  }

  readerFor(app: AppView, media: 'json' | 'binary', options: PredictOptions): ReaderFor {
    const target = this.#targetOf(app);
    if (media === 'binary') {
      if (app.inputs === undefined) return { ok: true, reader: undefined, sloMs: undefined };
      const parser = this.#binary.pop() ?? new BinaryPredictParser();
      parser.reset(target, options);
      return { ok: true, reader: parser, sloMs: undefined };
    }
    let sloMs: number | undefined;
    if (options.sloMs !== undefined) {
      const fields = noFields();
      const failure = takeField(target, 'slo_ms', Number(options.sloMs), fields);
      if (failure !== undefined) return { ok: false, failure };
      ({ sloMs } = fields);
    }
    const parser = this.#json.pop() ?? new JsonPredictParser();
    parser.reset(target);
    return { ok: true, reader: parser, sloMs };
  }

  /** After `end` or `abort`. */
  giveBack(reader: BodyReader): void {
    if (reader instanceof JsonPredictParser && this.#json.length < MAX_IDLE) this.#json.push(reader);
    else if (reader instanceof BinaryPredictParser && this.#binary.length < MAX_IDLE) this.#binary.push(reader);
  }

  #targetOf(app: AppView): ParseTarget {
    let target = this.#targets.get(app);
    if (target === undefined) {
      const { spec: { sloMinMs, sloMaxMs }, inputs = [] } = app;
      target = parseTarget({ inputs, slabs: this.#slabs, sloMinMs, sloMaxMs, maxBinaryBytes: this.#maxBodyBytes });
      this.#targets.set(app, target);
    }
    return target;
  }
}
