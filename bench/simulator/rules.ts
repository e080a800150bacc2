import { Batcher } from '../../frontend/batching/batcher.ts';
import type { Controller } from '../../frontend/batching/controller.ts';
import { AimdController } from '../../frontend/batching/controllers/aimd.ts';
import { FixedController } from '../../frontend/batching/controllers/fixed.ts';
import { PlannerController } from '../../frontend/batching/controllers/planner.ts';
import { QuantileController } from '../../frontend/batching/controllers/quantile.ts';
import { LearnedLatency } from '../../frontend/batching/latency/learned-latency.ts';
import type { BatchRule } from '../../frontend/dispatch/model-queue.ts';
import { BentoMl } from './rivals/bento-ml.ts';
import { ByRate } from './rivals/by-rate.ts';
import { ClipperPaper } from './rivals/clipper-paper.ts';
import { ClipperRelease } from './rivals/clipper-release.ts';
import { RivalBatcher } from './rivals/rival-batcher.ts';
import { TfServing } from './rivals/tf-serving.ts';
import { Triton } from './rivals/triton.ts';
import type { RuleSetup } from './rivals/rule-setup.ts';

/** Rules by name. `by-rate` and `by-rate-waiting` take a margin in percent behind an `@`: `by-rate@10`. */
const RULES: Readonly<Record<string, (setup: RuleSetup, margin: number) => BatchRule>> = {
  planner: (setup) => ours(new PlannerController({ maxBatch: setup.maxRows }), setup),
  quantile: (setup) => ours(new QuantileController({ maxBatch: setup.maxRows }), setup),
  fixed: (setup) => ours(new FixedController({ maxBatch: setup.steadyRows }), setup),
  aimd: (setup) => ours(new AimdController({ maxBatch: setup.maxRows }), setup),
  'by-rate': (setup, margin) => new RivalBatcher(new ByRate(setup, { margin })),
  'by-rate-waiting': (setup, margin) => new RivalBatcher(new ByRate(setup, { margin, waits: true })),
  'clipper-release': (setup) => new RivalBatcher(new ClipperRelease(setup)),
  'clipper-paper': (setup) => new RivalBatcher(new ClipperPaper(setup)),
  'tf-serving': (setup) => new RivalBatcher(new TfServing(setup)),
  triton: (setup) => new RivalBatcher(new Triton(setup)),
  bentoml: (setup) => new RivalBatcher(new BentoMl(setup)),
};

/** Those of them that are our own controllers, the default first. */
export const CONTROLLERS: readonly string[] = Object.freeze(['planner', 'quantile', 'aimd', 'fixed'].filter((name) => Object.hasOwn(RULES, name)));

export const RULE_NAMES: readonly string[] = Object.freeze(Object.keys(RULES));

/** Throws RangeError where there is no such rule. */
export function ruleNamed(name: string, setup: RuleSetup): BatchRule {
  const [word = '', percent] = name.split('@');
  const make = Object.hasOwn(RULES, word) ? RULES[word] : undefined;
  const margin = Number(percent ?? 0) / 100;
  if (make === undefined || !(margin >= 0)) throw new RangeError(`there is no rule ${name}; there are ${RULE_NAMES.join(', ')}`);
  return make(setup, margin);
}

function ours(controller: Controller, { maxRows, maxQueueRows, hash = () => 0 }: RuleSetup): BatchRule {
  return new Batcher({ controller, latency: new LearnedLatency(), maxRows, maxQueueRows, hash });
}
