import type { Fault } from '../domain/fault.ts';
import type { AppSpec } from '../domain/model.ts';
import type { RawApp } from './options.ts';

type Selection = Pick<AppSpec, 'policy' | 'policyOptions' | 'ensemble' | 'cascade' | 'shadow'>;

/** From the words of the file to how an app chooses among its arms; `raw` has been held against the table of options. */
export function readSelection(raw: Pick<RawApp, 'arms' | 'policy' | 'ensemble' | 'cascade' | 'shadow'>, at: Fault['path'], faults: Fault[]): Selection {
  const { ensemble, cascade, shadow } = raw;
  if (ensemble !== undefined && cascade !== undefined) faults.push({ path: [...at, 'cascade'], message: 'stands beside an ensemble', expected: 'one of the two' });
  const known = (arms: readonly string[], ...path: readonly string[]): void => {
    for (const arm of arms) if (!raw.arms.includes(arm)) faults.push({ path: [...at, ...path], message: `"${arm}" is no arm of the app`, expected: `one of ${raw.arms.join(', ')}` });
  };
  known(ensemble?.arms ?? [], 'ensemble', 'arms');
  known(shadow ?? [], 'shadow');
  if (cascade !== undefined) {
    known([cascade.first], 'cascade', 'first');
    known([cascade.second], 'cascade', 'second');
    if (cascade.first === cascade.second) faults.push({ path: [...at, 'cascade', 'second'], message: 'is the first arm', expected: 'another one' });
  }
  if (shadow !== undefined && raw.arms.every((arm) => shadow.includes(arm))) faults.push({ path: [...at, 'shadow'], message: 'leaves no arm to answer', expected: 'some of the arms' });
  return {
    ...readPolicy(raw),
    ...(ensemble === undefined ? {} : {
      ensemble: {
        combine: ensemble.combine, ...(ensemble.arms === undefined ? {} : { arms: ensemble.arms }),
        ...(ensemble.min_confidence === undefined ? {} : { minConfidence: ensemble.min_confidence }),
      },
    }),
    ...(cascade === undefined ? {} : { cascade: { first: cascade.first, second: cascade.second, below: cascade.when_confidence_below } }),
    ...(shadow === undefined || shadow.length === 0 ? {} : { shadow }),
  };
}

/** Where nobody says: an ensemble weighs its arms by what they earn, several arms are learned about, one is asked. */
function readPolicy({ arms, policy, ensemble, cascade }: Pick<RawApp, 'arms' | 'policy' | 'ensemble' | 'cascade'>): Pick<Selection, 'policy' | 'policyOptions'> {
  if (policy === undefined) return { policy: ensemble !== undefined ? 'hedge' : arms.length > 1 && cascade === undefined ? 'adaptive' : 'static' };
  if (typeof policy === 'string') return { policy };
  const { name, ...options } = policy;
  return Object.keys(options).length === 0 ? { policy: name } : { policy: name, policyOptions: options };
}

/** In the words of the file again. */
export function writeSelection({ policy, policyOptions, ensemble, cascade, shadow }: Selection): Pick<RawApp, 'policy' | 'ensemble' | 'cascade' | 'shadow'> {
  return {
    policy: policyOptions === undefined ? policy : { name: policy, ...policyOptions },
    ...(ensemble === undefined ? {} : {
      ensemble: {
        combine: ensemble.combine, ...(ensemble.arms === undefined ? {} : { arms: [...ensemble.arms] }),
        ...(ensemble.minConfidence === undefined ? {} : { min_confidence: ensemble.minConfidence }),
      },
    }),
    ...(cascade === undefined ? {} : { cascade: { first: cascade.first, second: cascade.second, when_confidence_below: cascade.below } }),
    ...(shadow === undefined ? {} : { shadow: [...shadow] }),
  };
}
