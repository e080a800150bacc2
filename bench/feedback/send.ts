import { encodeRequest } from '../load/http-request.ts';
import { Pool } from '../load/pool.ts';

export interface Sent {
  readonly seconds: number;
  /** Answers by status. */
  readonly statuses: Readonly<Record<number, number>>;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** Sends all bodies, each once, over so many connections with one request under way on each; resolves when all are answered. */
export async function sendAll(url: string, bodies: readonly string[], connections: number): Promise<Sent> {
  const requests = bodies.map((body) => encodeRequest({ path: '/v1/feedback', host: new URL(url).host, body }).bytes);
  const statuses: Record<number, number> = {};
  const latencies = new Float64Array(requests.length);
  let next = 0;
  let answered = 0;
  const fromMs = performance.now();
  await new Promise<void>((resolve, reject) => {
    const pool = new Pool(url, connections, {
      answered: (request, status) => {
        latencies[answered++] = performance.now() - request.fromMicros / 1000;
        statuses[status] = (statuses[status] ?? 0) + 1;
        if (answered < requests.length) return;
        pool.close();
        resolve();
      },
      free: () => fill(),
      lost: (_request, why) => reject(new Error(`a request was lost: ${why}`)),
      broken: (why) => reject(new Error(why)),
    });
    const source = { next: (sequence: number) => requests[sequence] ?? new Uint8Array() };
    const fill = (): void => {
      for (;;) {
        const now = performance.now() * 1000;
        if (next >= requests.length || !pool.send({ sequence: next, fromMicros: now, leftMicros: now }, source)) break;
        next++;
      }
    };
    pool.open().then(fill, reject);
  });
  latencies.sort();
  const at = (share: number): number => latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * share))] ?? 0;
  return { seconds: (performance.now() - fromMs) / 1000, statuses, p50Ms: at(0.5), p99Ms: at(0.99) };
}
