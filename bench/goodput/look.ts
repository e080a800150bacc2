import type { Series } from '../report/line-plot.ts';
import { CONTROLLERS } from '../simulator/rules.ts';
import { BEST_ONLINE, CLAIRVOYANT, isMargin } from './panels.ts';

type Look = Pick<Series, 'hue' | 'style'>;

const LOOKS: Readonly<Record<string, Look>> = {
  [CLAIRVOYANT]: { hue: 'oracle', style: 'dashed' },
  [BEST_ONLINE]: { hue: 'oracle', style: 'dotted' },
  'by-rate': { hue: 'green', style: 'plain' },
  'by-rate-waiting': { hue: 'green', style: 'dashed' },
  'clipper-release': { hue: 'orange', style: 'plain' },
  'clipper-paper': { hue: 'orange', style: 'dashed' },
  'tf-serving': { hue: 'violet', style: 'plain' },
  triton: { hue: 'violet', style: 'dashed' },
  bentoml: { hue: 'rose', style: 'plain' },
};
const KIN: readonly Look['style'][] = ['plain', 'dashed', 'dotted'];

/** How a rule is drawn, the same in every plot: ours is strong, its kin pale, rivals by family. */
export function look(rule: string, ours: string): Look {
  if (rule === ours) return { hue: 'accent', style: 'strong' };
  const kin = CONTROLLERS.filter((name) => name !== ours).indexOf(rule);
  if (kin >= 0) return { hue: 'kin', style: KIN[kin % KIN.length] ?? 'plain' };
  if (isMargin(rule)) return { hue: 'green', style: 'dotted' };
  return LOOKS[rule] ?? { hue: 'grey', style: 'plain' };
}
