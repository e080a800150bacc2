import { fork } from 'node:child_process';
import { extname } from 'node:path';
import { COMES_FIRST, comeFirst } from './come-first.ts';
import { ScheduleMissed } from './generate.ts';
import type { LoadPlan } from './plan.ts';
import type { LoadReport, Progress } from './report.ts';

/** What the generator's process says. */
export type FromChild =
  | { readonly kind: 'progress'; readonly progress: Progress }
  | { readonly kind: 'report'; readonly report: LoadReport }
  | { readonly kind: 'failed'; readonly name: string; readonly message: string };

/** Four helpers that compile at once keep whoever shares the generator's core from it for longer than one. */
const ONE_HELPER = '--v8-pool-size=1';

/**
 * Runs a load in a process of its own, so that it shares no event loop with what is measured or with its caller.
 * Rejects as `generate` does.
 */
export function runLoad(plan: LoadPlan, onProgress: (progress: Progress) => void = () => undefined): Promise<LoadReport> {
  const child = fork(new URL(`./child${extname(import.meta.url)}`, import.meta.url), { execArgv: [ONE_HELPER], detached: plan.comesFirst, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  if (plan.comesFirst === true && child.pid !== undefined) comeFirst([child.pid], COMES_FIRST.generator);
  return new Promise((resolve, reject) => {
    child.on('message', (message) => {
      const said = message as FromChild;
      switch (said.kind) {
        case 'progress': return onProgress(said.progress);
        case 'report': return resolve(said.report);
        case 'failed': return reject(said.name === 'ScheduleMissed' ? new ScheduleMissed(said.message) : new Error(said.message));
      }
    });
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      const end = (): void => reject(new Error(`the generator's process ended without a report (${signal ?? code})`));
      // What it said last may still be on its way.
      if (child.connected) child.once('disconnect', () => setImmediate(end));
      else setImmediate(end);
    });
    child.send(plan);
  });
}
