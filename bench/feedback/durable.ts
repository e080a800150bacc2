import { startBroker, waitUntilReady } from '../demo/broker-process.ts';
import { processCpuMicros } from '../load/process-cpu.ts';
import { ARMS } from './config.ts';
import { sendAll } from './send.ts';
import { SignedDecisions } from './signed.ts';

export interface DurableRun {
  /** Absent: the embedded one. */
  readonly store?: 'Redis';
  readonly batch: number;
  readonly connections: number;
  readonly feedbacks: number;
  readonly perSecond: number;
  /** Of the broker's process, all threads. */
  readonly cpuMicrosEach: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

export interface DurableLoad {
  readonly config: string;
  readonly keyFile: string;
  readonly count: number;
  readonly batch: number;
  readonly connections: number;
  /** Absent: the embedded store. */
  readonly redisUrl?: string;
}

/** Feedback through the whole of a broker, each answer durable: `count` pieces in requests of `batch`. */
export async function durableRun({ config, keyFile, count, batch, connections, redisUrl }: DurableLoad): Promise<DurableRun> {
  const broker = await startBroker(config, { env: { TRADEWIND_STORAGE_RECEIPT_KEY_FILE: keyFile, ...(redisUrl === undefined ? {} : { TRADEWIND_STORAGE_FEEDBACK: redisUrl }) } });
  try {
    await waitUntilReady(broker.url);
    const decisions = await SignedDecisions.of(broker.url, 'first', ARMS.length);
    const bodies = Array.from({ length: Math.ceil(count / batch) }, () => {
      const items = Array.from({ length: batch }, () => ({ decision_id: decisions.next().text, reward: 1 }));
      return JSON.stringify(batch === 1 ? items[0] : items);
    });
    // What warms up is of its own.
    await sendAll(broker.url, bodies.splice(0, Math.ceil(bodies.length / 5)), connections);
    const before = processCpuMicros(broker.pid);
    const { seconds, statuses, p50Ms, p99Ms } = await sendAll(broker.url, bodies, connections);
    const feedbacks = bodies.length * batch;
    if (statuses[202] !== bodies.length) throw new Error(`not all were accepted: ${JSON.stringify(statuses)}`);
    return { ...(redisUrl === undefined ? {} : { store: 'Redis' as const }), batch, connections, feedbacks, perSecond: feedbacks / seconds, cpuMicrosEach: (processCpuMicros(broker.pid) - before) / feedbacks, p50Ms, p99Ms };
  } finally {
    await broker.stop();
  }
}
