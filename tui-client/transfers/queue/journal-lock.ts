import { access, readFile, unlink, writeFile } from 'node:fs/promises';
import { Failure } from '../../errors/failure.ts';
import { errnoOf, localFailure } from '../../local/local-failure.ts';

/** Programs that run at the same time, at most, each with a journal. */
const MAX_PROGRAMS = 9;

/** Says that a journal is in use by this process, until it ends. */
export class JournalLock {
  /** Of the journal. */
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  /** Of `path`, or of `path.2` and so on if a running program has it. */
  static async take(path: string): Promise<JournalLock> {
    for (let number = 1; number <= MAX_PROGRAMS; number++) {
      const own = numbered(path, number);
      if (await lock(own)) return new JournalLock(own);
    }
    throw new Failure('local', `${path}: ${MAX_PROGRAMS} programs use it already.`);
  }

  /** Of the other journals that are there, and that no running program has. */
  static async takeAbandoned(path: string): Promise<readonly JournalLock[]> {
    const taken: JournalLock[] = [];
    for (let number = 1; number <= MAX_PROGRAMS; number++) {
      const one = numbered(path, number);
      const isThere = await access(one).then(
        () => true,
        () => false,
      );
      if (isThere && (await lock(one))) taken.push(new JournalLock(one));
    }
    return taken;
  }

  async release(): Promise<void> {
    await unlink(lockPath(this.path)).catch(() => {});
  }
}

async function lock(path: string): Promise<boolean> {
  for (let attempt = 0; attempt < 2; attempt++) {
    try {
      await writeFile(lockPath(path), String(process.pid), { flag: 'wx', mode: 0o600 });
      return true;
    } catch (error) {
      if (errnoOf(error) !== 'EEXIST') throw localFailure(error, lockPath(path));
      if (await isOwnerAlive(path)) return false;
      await unlink(lockPath(path)).catch(() => {});
    }
  }
  return false;
}

async function isOwnerAlive(path: string): Promise<boolean> {
  const pid = Number(await readFile(lockPath(path), 'utf8').catch(() => ''));
  if (!Number.isInteger(pid) || pid <= 0) return false;
  if (pid === process.pid) return true;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as { code?: unknown }).code === 'EPERM';
  }
}

function numbered(path: string, number: number): string {
  return number === 1 ? path : `${path}.${number}`;
}

function lockPath(path: string): string {
  return `${path}.lock`;
}
