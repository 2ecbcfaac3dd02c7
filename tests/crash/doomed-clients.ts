import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { sourceEnvironment } from '../source-program.ts';
import { type Content, continued, EMPTY } from './content.ts';
import { PASSWORD } from './crash-client.ts';
import type { Random } from './random.ts';
import type { SharedNames } from './shared-names.ts';
import type { Tally } from './tally.ts';

/** What the process that is going to be killed uploads. */
export interface DoomedTask {
  readonly seed: number;
  readonly port: number;
  readonly username: string;
  readonly password: string;
  readonly uploads: readonly { readonly path: string; readonly content: Content }[];
}

export const DOOMED_DIRECTORY = '/doomed';

const PROCESS = new URL('doomed-process.ts', import.meta.url);
const UPLOADS = 6;
const LARGEST_BYTES = 2 * 1024 * 1024;

/**
 * Clients in a process of their own that is killed in the middle of its uploads. The system then ends their
 * connections in good order, which must not pass for the end of an upload.
 */
export class DoomedClients {
  readonly #child: ChildProcess;
  readonly #changes = new Map<string, ReturnType<SharedNames['begin']>>();
  readonly #shared: SharedNames;
  readonly #random: Random;

  constructor(parts: {
    readonly seed: number;
    readonly port: number;
    readonly username: string;
    readonly shared: SharedNames;
    readonly random: Random;
    readonly tally: Tally;
    readonly newStream: () => number;
  }) {
    const { seed, port, username, shared, random, tally, newStream } = parts;
    this.#shared = shared;
    this.#random = random;
    this.#child = fork(PROCESS, { execArgv: [], env: sourceEnvironment(), stdio: 'ignore' });
    const uploads = Array.from({ length: UPLOADS }, (_, number) => {
      const sizeBytes = 1 + random.below(LARGEST_BYTES);
      const content = continued(EMPTY, { offsetBytes: 0, stream: newStream(), sizeBytes });
      const path = `${DOOMED_DIRECTORY}/p${number}`;
      this.#changes.set(path, shared.begin(path, content));
      return { path, content };
    });
    tally.add('uploads begun', UPLOADS);
    this.#child.on('message', ({ path, code }: { path: string; code: number }) => {
      const change = this.#changes.get(path);
      if (change !== undefined) shared.end(change, code === 226 ? 'done' : 'refused');
      if (code === 226) tally.add('uploads completed');
    });
    this.#child.send({ seed, port, username, password: PASSWORD, uploads } satisfies DoomedTask);
  }

  /** Kills the process at a random moment, or when `signal` says that the server is gone. */
  async die(serverIsGone: Promise<void>): Promise<void> {
    const ended = once(this.#child, 'close');
    // It takes a while to start, too.
    await Promise.race([delay(300 + this.#random.below(500)), serverIsGone]);
    this.#child.kill('SIGKILL');
    await ended;
    for (const change of this.#changes.values()) {
      if (change.state === 'under way') this.#shared.end(change, 'lost');
    }
  }
}
