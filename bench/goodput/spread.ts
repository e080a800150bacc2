import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';

/**
 * Plays cells on as many threads as there are cores, each cell on whichever is free, and gives the results in the order of
 * the cells. `program` is a module that answers every message with one. The first failure ends it all.
 */
export async function spread<Result>(cells: readonly unknown[], how: { program: URL; workers?: number; onResult: (result: Result, done: number) => void }): Promise<Result[]> {
  const results = new Array<Result>(cells.length);
  const workers = Array.from({ length: Math.min(how.workers ?? availableParallelism(), cells.length) }, () => new Worker(how.program));
  let next = 0, done = 0;
  const run = async (worker: Worker): Promise<void> => {
    for (let at = next++; at < cells.length; at = next++) {
      const result = await ask<Result>(worker, cells[at]);
      results[at] = result;
      how.onResult(result, ++done);
    }
  };
  try {
    await Promise.all(workers.map(run));
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
  return results;
}

function ask<Result>(worker: Worker, cell: unknown): Promise<Result> {
  return new Promise((resolve, reject) => {
    const settle = (): void => {
      worker.off('message', answered);
      worker.off('error', failed);
      worker.off('exit', exited);
    };
    const answered = (result: Result): void => { settle(); resolve(result); };
    const failed = (error: unknown): void => { settle(); reject(error instanceof Error ? error : new Error(String(error))); };
    const exited = (code: number): void => { settle(); reject(new Error(`a worker ended with ${code}`)); };
    worker.on('message', answered).on('error', failed).on('exit', exited);
    worker.postMessage(cell);
  });
}
