import type { Job, JobState } from './job.ts';

/** Of what came from a directory. */
interface Sums {
  open: number;
  paused: number;
  failed: number;
}

const COUNTED_AS: Readonly<Record<JobState, keyof Sums | undefined>> = {
  waiting: 'open',
  running: 'open',
  checking: 'open',
  asking: 'open',
  paused: 'paused',
  failed: 'failed',
  done: undefined,
  skipped: undefined,
};

interface Directories {
  get(id: string): Job | undefined;
  replace(job: Job): void;
}

/** Keeps each directory's `below` in step with what came from it. */
export class DirectoryProgress {
  readonly #directories: Directories;
  readonly #sums = new Map<string, Sums>();

  constructor(directories: Directories) {
    this.#directories = directories;
  }

  /** Updates the state of a job: undefined before it exists and after it is gone. */
  changed(
    { id, parent }: Job,
    states: readonly [JobState | undefined, JobState | undefined],
  ): void {
    const [before, after] = states.map((state) => state && COUNTED_AS[state]);
    if (states[1] === undefined) this.#sums.delete(id);
    if (before === after) return;
    for (let above = parent; above !== undefined; ) {
      const sums = this.#sums.get(above) ?? { open: 0, paused: 0, failed: 0 };
      this.#sums.set(above, sums);
      if (before !== undefined) sums[before]--;
      if (after !== undefined) sums[after]++;
      const directory = this.#directories.get(above);
      const below = wordFor(sums);
      if (directory !== undefined && directory.below !== below) {
        this.#directories.replace({ ...directory, below });
      }
      above = directory?.parent;
    }
  }
}

function wordFor({ open, paused, failed }: Sums): Job['below'] {
  if (open > 0) return 'open';
  if (paused > 0) return 'paused';
  return failed > 0 ? 'failed' : undefined;
}
