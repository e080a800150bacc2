import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Done, Job } from './worker.ts';

/** Plays all jobs on so many threads, `done` being told of each as it ends; in no particular order. */
export async function playAll(jobs: readonly Job[], threads: number, done: (result: Done) => void): Promise<void> {
  let next = 0;
  const serve = (): Promise<void> => new Promise((resolve, reject) => {
    const worker = new Worker(new URL(`./worker${extname(import.meta.url)}`, import.meta.url));
    const send = (): void => {
      const job = jobs[next++];
      if (job === undefined) void worker.terminate().then(() => resolve());
      else worker.postMessage(job);
    };
    worker.on('error', reject);
    worker.on('message', (result: Done) => {
      done(result);
      send();
    });
    send();
  });
  await Promise.all(Array.from({ length: Math.min(threads, jobs.length) }, serve));
}
