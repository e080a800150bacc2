/** How deploy/demo/breakable.ts calls itself. */
const BREAKABLE_KIT = /^tradewind-breakable\//;

interface ReplicaStatus {
  readonly pid?: number;
  readonly facts?: { readonly kit?: string };
}

/** Breaks the replicas of a model version of the demo, or mends them again: each call turns all of them over. */
export async function turnOver(url: string, model: string): Promise<void> {
  const reply = await fetch(`${url}/admin/models/${model}/versions/1`);
  const { status } = (await reply.json()) as { status?: { replicas?: readonly ReplicaStatus[] } };
  const replicas = status?.replicas ?? [];
  if (replicas.length === 0) throw new Error(`${model} has no replica`);
  for (const { pid, facts } of replicas) {
    // The signal would end any other program.
    if (pid === undefined || !BREAKABLE_KIT.test(facts?.kit ?? '')) throw new Error(`a replica of ${model} cannot be broken: its kit is ${facts?.kit ?? 'unknown'}`);
    process.kill(pid, 'SIGUSR2');
  }
}
