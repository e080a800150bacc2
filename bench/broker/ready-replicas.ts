import { setTimeout as delay } from 'node:timers/promises';

const LOOK_MS = 50;

/** The processes of version 1's replicas, once so many are ready; none where the broker did not start them. A broker itself is ready with the first. */
export async function readyReplicas(url: string, { model, count, limitMs }: { model: string; count: number; limitMs: number }): Promise<readonly number[]> {
  for (const giveUpAt = Date.now() + limitMs; ; await delay(LOOK_MS)) {
    const { status } = await (await fetch(`${url}/admin/models/${model}/versions/1`)).json() as { status?: { replicas: { state: string; pid?: number }[] } };
    const ready = status?.replicas.filter(({ state }) => state === 'ready') ?? [];
    if (ready.length === count) return ready.flatMap(({ pid }) => (pid === undefined ? [] : [pid]));
    if (Date.now() > giveUpAt) throw new Error(`${model}: ${ready.length} of ${count} replicas are ready`);
  }
}
