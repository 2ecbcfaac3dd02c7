import type { Job } from './job.ts';

/**
 * The jobs in their order. Whatever is done for one job costs the same with ten and with a hundred thousand in
 * the list.
 */
export class JobList {
  #jobs: Job[] = [];
  #positions = new Map<string, number>();
  /** No job before this position is to be started; one for each kind. */
  readonly #firstReady: Record<Job['kind'], number> = { file: 0, directory: 0 };

  get size(): number {
    return this.#jobs.length;
  }

  get(id: string): Job | undefined {
    return this.#jobs[this.#positions.get(id) ?? -1];
  }

  /** Whether a job is this one, or came from it. */
  comesFrom(job: Job, id: string): boolean {
    for (let one: Job | undefined = job; one !== undefined; one = this.get(one.parent ?? '')) {
      if (one.id === id) return true;
    }
    return false;
  }

  append(job: Job): void {
    this.#positions.set(job.id, this.#jobs.length);
    this.#jobs.push(job);
  }

  /** In the place of the job that has the same id. */
  replace(job: Job): void {
    const position = this.#positions.get(job.id);
    if (position === undefined) return;
    this.#jobs[position] = job;
    this.offer(job.id);
  }

  /** Lets a job be found again that `nextReady` had passed over. */
  offer(id: string): void {
    const position = this.#positions.get(id);
    const job = this.get(id);
    if (position === undefined || job?.state !== 'waiting') return;
    this.#firstReady[job.kind] = Math.min(this.#firstReady[job.kind], position);
  }

  /** The first waiting job of a kind that may start. One that may not has to be offered when it may. */
  nextReady(kind: Job['kind'], mayStart: (job: Job) => boolean): Job | undefined {
    for (let position = this.#firstReady[kind]; position < this.#jobs.length; position++) {
      const job = this.#jobs[position];
      if (job?.kind === kind && job.state === 'waiting' && mayStart(job)) {
        this.#firstReady[kind] = position;
        return job;
      }
    }
    this.#firstReady[kind] = this.#jobs.length;
    return undefined;
  }

  /** Up or down by one. */
  move(id: string, by: -1 | 1): void {
    const from = this.#positions.get(id);
    if (from === undefined) return;
    const [one, other] = [this.#jobs[from], this.#jobs[from + by]];
    if (one === undefined || other === undefined) return;
    this.#place(one, from + by);
    this.#place(other, from);
    for (const job of [one, other]) this.offer(job.id);
  }

  removeWhere(isGone: (job: Job) => boolean): void {
    this.#jobs = this.#jobs.filter((job) => !isGone(job));
    this.#positions = new Map(this.#jobs.map((job, position) => [job.id, position]));
    this.#firstReady.file = 0;
    this.#firstReady.directory = 0;
  }

  [Symbol.iterator](): IterableIterator<Job> {
    return this.#jobs[Symbol.iterator]();
  }

  toArray(): readonly Job[] {
    return this.#jobs.slice();
  }

  #place(job: Job, position: number): void {
    this.#jobs[position] = job;
    this.#positions.set(job.id, position);
  }
}
