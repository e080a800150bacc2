import type { AppView } from '../../domain/ports.ts';
import type { SlabPool } from '../../domain/slabs.ts';
import { parseTarget, type ParseTarget } from '../predict-body/parse-target.ts';
import { TfsPredictParser } from './predict-parser.ts';

/** So many idle parsers are kept; each holds some 50 KB. */
const MAX_IDLE = 16;

/** Parsers hold buffers and are used again: one serves one body at a time. What a model's bodies are parsed for is kept with its view. */
export class TfsParsers {
  readonly #slabs: SlabPool;
  readonly #targets = new WeakMap<AppView, ParseTarget>();
  readonly #idle: TfsPredictParser[] = [];

  constructor(slabs: SlabPool) {
    this.#slabs = slabs;
  }

  /** Ready for one body; where the inputs are not known it only counts the rows. */
  take(view: AppView): TfsPredictParser {
    let target = this.#targets.get(view);
    if (target === undefined) {
      const { sloMinMs, sloMaxMs } = view.spec;
      target = parseTarget({ inputs: view.inputs ?? [], slabs: this.#slabs, sloMinMs, sloMaxMs, nonFinite: true, exactForms: true });
      this.#targets.set(view, target);
    }
    const parser = this.#idle.pop() ?? new TfsPredictParser();
    parser.reset(target);
    return parser;
  }

  /** After `end` or `abort`. */
  giveBack(parser: TfsPredictParser): void {
    if (this.#idle.length < MAX_IDLE) this.#idle.push(parser);
  }
}
