import { DirectoryOrder } from './directory-order.ts';
import type { Job } from './job.ts';

/**
 * The jobs in their order. Whatever is done for one job costs the same with ten and with a hundred thousand in
 * the list.
 */
export class JobList {
  /** Undefined where a job was taken out: the others keep their positions until there are many gaps. */
  #jobs: (Job | undefined)[] = [];
  #positions = new Map<string, number>();
  /** No job before this position is to be started; one for each kind. */
  readonly #firstReady: Record<Job['kind'], number> = { file: 0, directory: 0 };
  readonly #directories = new DirectoryOrder();
  #lastDirectory: string | undefined;

  get size(): number {
    return this.#positions.size;
  }

  get(id: string): Job | undefined {
    return this.#jobs[this.#positions.get(id) ?? -1];
  }

  /** This one, and what came from it. */
  family(id: string): readonly Job[] {
    const job = this.get(id);
    if (job === undefined || job.kind === 'file') return job === undefined ? [] : [job];
    const isOfIt = new Map([[id, true]]);
    const belongs = (one: string | undefined): boolean => {
      if (one === undefined) return false;
      const known = isOfIt.get(one);
      if (known !== undefined) return known;
      const isSo = belongs(this.get(one)?.parent);
      isOfIt.set(one, isSo);
      return isSo;
    };
    return this.toArray().filter((one) => one.id === id || belongs(one.parent));
  }

  append(job: Job): void {
    this.#positions.set(job.id, this.#jobs.length);
    this.#jobs.push(job);
    if (job.kind === 'directory') this.#directories.append(job);
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
    if (job.kind === 'directory') this.#directories.offer(job);
  }

  /** The waiting directory that may start and is next in the order of a walk. */
  nextDirectory(mayStart: (job: Job) => boolean): Job | undefined {
    const isReady = (id: string) => {
      const job = this.get(id);
      return job?.state === 'waiting' && mayStart(job);
    };
    let found: string | undefined;
    for (let above = this.#lastDirectory; above !== undefined && found === undefined; ) {
      found = this.#directories.next(above, isReady);
      above = this.get(above)?.parent;
    }
    const job = this.get(found ?? '') ?? this.nextReady('directory', mayStart);
    this.#lastDirectory = job?.id ?? this.#lastDirectory;
    return job;
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
    let to = from + by;
    while (to >= 0 && to < this.#jobs.length && this.#jobs[to] === undefined) to += by;
    const [one, other] = [this.#jobs[from], this.#jobs[to]];
    if (one === undefined || other === undefined) return;
    this.#place(one, to);
    this.#place(other, from);
    for (const job of [one, other]) this.offer(job.id);
  }

  remove(id: string): void {
    const position = this.#positions.get(id);
    if (position === undefined) return;
    this.#positions.delete(id);
    this.#directories.remove(id);
    this.#jobs[position] = undefined;
    if (this.size < this.#jobs.length / 2) this.#closeGaps();
  }

  toArray(): readonly Job[] {
    return this.size === this.#jobs.length
      ? (this.#jobs.slice() as Job[])
      : this.#jobs.filter((job) => job !== undefined);
  }

  #closeGaps(): void {
    const jobs = this.toArray();
    this.#jobs = [...jobs];
    this.#positions = new Map(jobs.map((job, position) => [job.id, position]));
    this.#firstReady.file = 0;
    this.#firstReady.directory = 0;
  }

  #place(job: Job, position: number): void {
    this.#jobs[position] = job;
    this.#positions.set(job.id, position);
  }
}
