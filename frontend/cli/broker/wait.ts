import type { CommandContext } from '../terminal/context.ts';
import { CommandFailure, EXIT } from '../terminal/failure.ts';
import { harmless } from '../terminal/screen.ts';
import type { BrokerCalls } from './call.ts';
import type { VersionView } from './views.ts';

const LOOK_EVERY_MS = 200;

/** Until so many replicas of a version are ready; fails with the reason of the last death where that takes too long, or they die again and again. */
export async function waitForReplicas(calls: BrokerCalls, { path, replicas, waitMs }: { path: string; replicas: number; waitMs: number }, context: Pick<CommandContext, 'now' | 'pause'>): Promise<void> {
  const giveUpAt = context.now() + waitMs;
  for (;;) {
    const { status } = await calls.ask<VersionView>('GET', path);
    if (status?.ready === replicas && status.replicas.length === replicas) return;
    if (status?.replicas.some(({ state }) => state === 'crash_loop') === true) throw new CommandFailure(`its replicas die again and again, and are tried again from time to time${lastReason(status)}`, EXIT.notReady);
    if (context.now() >= giveUpAt) throw new CommandFailure(`${status?.ready ?? 0} of ${replicas} replicas are ready after ${waitMs} ms${lastReason(status)}`, EXIT.notReady);
    await context.pause(LOOK_EVERY_MS);
  }
}

function lastReason(status: VersionView['status']): string {
  const failing = status?.replicas.find(({ state }) => state === 'crash_loop') ?? status?.replicas.find(({ reason }) => reason !== undefined);
  if (failing === undefined) return '';
  return [`: ${failing.state}, ${failing.reason ?? ''}`, ...failing.output.slice(-5).map((line) => `    ${line}`)].map(harmless).join('\n');
}
