import { BATCH_CHECKS } from './batch-checks.ts';
import type { Check, Verdict } from './check.ts';
import { ENDING_CHECKS } from './ending-checks.ts';
import { Failed } from './failed.ts';
import { GREETING_CHECKS, LONELY_CHECKS } from './greeting-checks.ts';
import { Trial, type TrialOptions } from './trial.ts';

/** All there are, in the order in which they are made. */
export const CHECKS: readonly Check[] = Object.freeze([...GREETING_CHECKS, ...BATCH_CHECKS, ...ENDING_CHECKS, ...LONELY_CHECKS]);

export interface Finding {
  readonly check: string;
  readonly promise: string;
  readonly verdict: Verdict;
}

/** Each would be waited for as long as a container may take to start, and would say the same. */
const MUTE: Verdict = Object.freeze({ kind: 'not_applicable', why: 'it said no hello that could be read: that comes first' });

export interface ChecksHeard {
  /** Gets each finding as it is known. */
  readonly tell?: (finding: Finding) => void;
  /** Once it is aborted nothing of the container is left, in the same turn; what the checks say then means nothing. */
  readonly interrupted?: AbortSignal;
}

/** Makes the checks one after another; nothing of the container is left afterwards. Where it never says hello, the first of them is the only one. */
export async function runChecks(options: TrialOptions, checks: readonly Check[], { tell = () => {}, interrupted }: ChecksHeard = {}): Promise<readonly Finding[]> {
  const trial = await Trial.open(options);
  interrupted?.addEventListener('abort', () => trial.abandon());
  const findings: Finding[] = [];
  try {
    for (const check of checks) {
      const isMute = findings.some(({ verdict }) => verdict.kind === 'failed') && !trial.hasGreeted;
      const finding = { check: check.name, promise: check.promise, verdict: isMute ? MUTE : await verdictOf(check, trial) };
      findings.push(finding);
      tell(finding);
    }
  } finally {
    await trial.close();
  }
  return findings;
}

async function verdictOf(check: Check, trial: Trial): Promise<Verdict> {
  try {
    const why = await check.run(trial);
    return why === undefined ? { kind: 'passed' } : { kind: 'not_applicable', why };
  } catch (error) {
    // What the failure left behind is no concern of the next check.
    await trial.clear();
    if (error instanceof Failed) return { kind: 'failed', expected: error.expected, came: error.came };
    return { kind: 'failed', expected: 'a check that can be made', came: (error as Error).message };
  }
}
