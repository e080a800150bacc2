import type { Fault } from '../domain/fault.ts';
import { nameRecord, type AppSpec, type DesiredState, type Steering } from '../domain/model.ts';

type Steered = DesiredState['steering'];

/** Hands whose app is gone let go. */
export function keptSteering(steering: Steered, apps: DesiredState['apps']): Pick<DesiredState, 'steering'> {
  const kept = Object.entries(steering ?? {}).filter(([app]) => apps[app] !== undefined);
  return kept.length === 0 ? {} : { steering: nameRecord(kept) };
}

/** The app steered so; no hands at all: left to its policy. */
export function steered(before: Steered, app: string, steering: Steering): Steered {
  const others = Object.entries(before ?? {}).filter(([name]) => name !== app);
  return nameRecord(Object.keys(steering).length === 0 ? others : [...others, [app, steering]]);
}

/** What is wrong with what somebody wants of the selection of an app, as it is now. */
export function steeringFaults({ arms }: AppSpec, { pin, floors = {}, caps = {}, shadow = [], parents = {} }: Steering): Fault[] {
  const faults: Fault[] = [];
  const known = (names: readonly string[], path: string): void => {
    for (const name of names) if (!arms.includes(name)) faults.push({ path: [path, name], message: `"${name}" is no arm of the app`, expected: `one of ${arms.join(', ')}` });
  };
  known(pin === undefined ? [] : [pin], 'pin');
  known(Object.keys(floors), 'floors');
  known(Object.keys(caps), 'caps');
  known(shadow, 'shadow');
  known(Object.keys(parents), 'parents');
  for (const [arm, parent] of Object.entries(parents)) if (arm === parent) faults.push({ path: ['parents', arm], message: 'is its own parent', expected: 'another arm' });
  const open = arms.filter((arm) => !shadow.includes(arm));
  if (open.length === 0) faults.push({ path: ['shadow'], message: 'leaves no arm to answer', expected: 'some of the arms' });
  if (pin !== undefined && shadow.includes(pin)) faults.push({ path: ['pin'], message: 'is a shadow', expected: 'an arm that answers' });
  for (const arm of Object.keys(floors)) {
    if ((floors[arm] ?? 0) > (caps[arm] ?? 1)) faults.push({ path: ['floors', arm], message: `is ${floors[arm] ?? 0}`, expected: `at most its cap, ${caps[arm] ?? 1}` });
  }
  const least = open.reduce((sum, arm) => sum + (floors[arm] ?? 0), 0);
  if (least > 1) faults.push({ path: ['floors'], message: `sum to ${least}`, expected: 'at most 1' });
  const most = open.reduce((sum, arm) => sum + (caps[arm] ?? 1), 0);
  if (most < 1) faults.push({ path: ['caps'], message: `sum to ${most}`, expected: 'at least 1' });
  return faults;
}
