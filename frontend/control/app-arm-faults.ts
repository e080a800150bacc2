import { appOfArm } from '../domain/arm.ts';
import type { Fault } from '../domain/fault.ts';
import type { AppSpec, WantedState } from '../domain/model.ts';
import { gives } from '../domain/output.ts';

/** So many apps deep may a query go: each takes a decision of its own. */
const MOST_DEEP = 4;

/** What is wrong with an arm that is an app: it must be there, give what is wanted, and not lead back or too deep. */
export function appArmFaults(inner: string, path: Fault['path'], { app, wanted }: { app: AppSpec; wanted: WantedState }): Fault[] {
  const spec = wanted.apps[inner];
  if (spec === undefined) return [{ path, message: `there is no app "${inner}"`, expected: `one of ${Object.keys(wanted.apps).slice(0, 16).join(', ')}` }];
  const way = longestWay(inner, wanted, [app.name]);
  if (way.back) return [{ path, message: `comes back to itself: ${way.names.join(' → ')}`, expected: 'arms that do not lead to the app' }];
  if (way.names.length > MOST_DEEP) return [{ path, message: `is ${way.names.length} apps deep: ${way.names.join(' → ')}`, expected: `at most ${MOST_DEEP}` }];
  const fits = app.output === 'raw' ? spec.output === 'raw' : gives(spec.output, app.output);
  return fits ? [] : [{ path, message: `app "${inner}" gives ${spec.output}, which cannot become ${app.output}`, expected: `arms that can give "output: ${app.output}", or an app with another "output"` }];
}

interface Way {
  readonly names: readonly string[];
  /** It ends at an app that it has passed. */
  readonly back: boolean;
}

/** The first way that comes back, or else a longest one; ends where it is deeper than may be. */
function longestWay(name: string, wanted: WantedState, passed: readonly string[]): Way {
  const names = [...passed, name];
  if (passed.includes(name)) return { names, back: true };
  let longest: Way = { names, back: false };
  if (names.length > MOST_DEEP) return longest;
  for (const arm of wanted.apps[name]?.arms ?? []) {
    const inner = appOfArm(arm);
    if (inner === undefined) continue;
    const way = longestWay(inner, wanted, names);
    if (way.back) return way;
    if (way.names.length > longest.names.length) longest = way;
  }
  return longest;
}
