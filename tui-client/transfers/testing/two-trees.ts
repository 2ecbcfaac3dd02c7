import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { LocalPlace } from '../../local/local-place.ts';
import type { ConflictHandler } from '../conflict.ts';
import type { Job } from '../queue/job.ts';
import { TransferQueue, type TransferQueueOptions } from '../queue/transfer-queue.ts';
import type { TransferPlan } from '../transfer-plan.ts';
import { DirectoryServer } from './directory-server.ts';

type Direction = Job['direction'];

/** A local directory, a directory that plays the server, and a queue between them. */
export class TwoTrees {
  readonly directory: string;
  readonly here: string;
  readonly server: DirectoryServer;
  readonly local = new LocalPlace();

  private constructor(directory: string) {
    this.directory = directory;
    this.here = join(directory, 'here');
    this.server = new DirectoryServer(join(directory, 'there'));
  }

  static async make(): Promise<TwoTrees> {
    const trees = new TwoTrees(await mkdtemp(join(tmpdir(), 'myftp-transfers-')));
    await mkdir(trees.here);
    await mkdir(trees.server.root);
    return trees;
  }

  queue(options: Partial<TransferQueueOptions> = {}): TransferQueue {
    return new TransferQueue({
      site: 'test',
      local: this.local,
      remotePlace: this.server.place,
      connections: this.server,
      onConflict: neverAsked,
      ...options,
    });
  }

  /** Here, with its directories. Gives its octets. */
  async write(path: string, content: string | number | Buffer = 'content'): Promise<Buffer> {
    return writeAt(join(this.here, path), content);
  }

  async writeThere(path: string, content: string | number | Buffer = 'content'): Promise<Buffer> {
    return writeAt(join(this.server.root, path), content);
  }

  read(path: string): Promise<Buffer> {
    return readFile(join(this.here, path));
  }

  readThere(path: string): Promise<Buffer> {
    return readFile(join(this.server.root, path));
  }

  writeSource(direction: Direction, path: string, content: string | number | Buffer) {
    return direction === 'upload' ? this.write(path, content) : this.writeThere(path, content);
  }

  writeCopy(direction: Direction, path: string, content: string | number | Buffer) {
    return direction === 'upload' ? this.writeThere(path, content) : this.write(path, content);
  }

  readCopy(direction: Direction, path: string): Promise<Buffer> {
    return direction === 'upload' ? this.readThere(path) : this.read(path);
  }

  upload(path: string, more: Partial<TransferPlan> = {}): TransferPlan {
    const [from, to] = [join(this.here, path), `/${path}`];
    return { direction: 'upload', kind: 'file', from, to, policy: 'overwrite', ...more };
  }

  download(path: string, more: Partial<TransferPlan> = {}): TransferPlan {
    const [from, to] = [`/${path}`, join(this.here, path)];
    return { direction: 'download', kind: 'file', from, to, policy: 'overwrite', ...more };
  }

  dispose(): Promise<void> {
    return rm(this.directory, { recursive: true, force: true });
  }
}

const neverAsked: ConflictHandler = ({ job }) => {
  throw new Error(`No question is expected about ${job.to}.`);
};

async function writeAt(path: string, content: string | number | Buffer): Promise<Buffer> {
  const octets =
    typeof content === 'number'
      ? randomBytes(content)
      : typeof content === 'string'
        ? Buffer.from(content)
        : content;
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, octets);
  return octets;
}
