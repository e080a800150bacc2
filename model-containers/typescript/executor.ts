/** One batch to be predicted. */
export interface Job {
  /** Called before the job has to wait, or while it waits for its own promise: its input must outlive the frame. */
  keep(): void;
  /** Predicts and replies; a promise where that takes longer than this call. Never throws, never rejects. */
  run(): Promise<void> | undefined;
}

/**
 * Runs one job at a time, in the order in which they came. A job that needs no promise runs inside `submit`, while its
 * input still lies in the read buffer: nothing is copied, and no turn of the event loop is lost.
 */
export class Executor {
  readonly #waiting: Job[] = [];
  #running = false;

  get idle(): boolean {
    return !this.#running && this.#waiting.length === 0;
  }

  submit(job: Job): void {
    if (this.#running) {
      job.keep();
      this.#waiting.push(job);
      return;
    }
    this.#running = true;
    const pending = job.run();
    if (pending === undefined) {
      this.#running = false;
      return;
    }
    job.keep();
    void pending.then(() => this.#runWaiting());
  }

  async #runWaiting(): Promise<void> {
    for (let job = this.#waiting.shift(); job !== undefined; job = this.#waiting.shift()) await job.run();
    this.#running = false;
  }
}
