import { turnOver } from './breakable-arm.ts';
import { forget, shares, teach, type Taught } from './teach.ts';

/** How long the best model works, is broken, and works again, in labels. */
export interface Course {
  readonly sound: number;
  readonly broken: number;
  readonly mended: number;
}

/** What became of the arm that broke, in one run. */
export interface Breakdown {
  readonly shareBefore: number;
  /** 200 labels after it broke. */
  readonly shareBroken: number;
  /** 1,000 labels after it was mended. */
  readonly shareMended: number;
  readonly taught: readonly Taught[];
}

export const APP = 'digits';
export const BEST = 'digits-mlp';
/** Labels after which the bars are held against the share: after the break, and after the mending. */
export const LOOK_BROKEN = 200;
export const LOOK_MENDED = 1000;

/** Plays one course against a broker that has forgotten all; the arm is sound at the end, whatever happens. */
export async function playBreakdown(url: string, course: Course, { seed, together, onTaught }: { seed: number; together: number; onTaught?: (taught: Taught, number: number) => void }): Promise<Breakdown> {
  const taught: Taught[] = [];
  let part = 0;
  const lessons = async (queries: number): Promise<void> => {
    if (queries > 0) await teach({ url, apps: [APP], queries, together, seed: seed * 16 + part++, onTaught: (one) => { taught.push(one); onTaught?.(one, taught.length); } });
  };
  const share = async (): Promise<number> => (await shares(url, APP)).get(BEST) ?? 0;
  await forget(url, APP);
  await lessons(course.sound);
  const shareBefore = await share();
  await turnOver(url, BEST);
  let shareBroken: number;
  try {
    await lessons(Math.min(course.broken, LOOK_BROKEN));
    shareBroken = await share();
    await lessons(course.broken - Math.min(course.broken, LOOK_BROKEN));
  } finally {
    await turnOver(url, BEST);
  }
  await lessons(Math.min(course.mended, LOOK_MENDED));
  const shareMended = await share();
  await lessons(course.mended - Math.min(course.mended, LOOK_MENDED));
  return { shareBefore, shareBroken, shareMended, taught };
}
