import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const SOURCE = fileURLToPath(new URL('fault-injector.c', import.meta.url));

/**
 * Makes calls of the file system fail in another process, or be its last one. `fault-injector.c` tells what a rule
 * looks like.
 */
export class FaultInjector {
  readonly directory: string;
  readonly #library: string;
  readonly #control: string;

  private constructor(directory: string) {
    this.directory = directory;
    this.#library = join(directory, 'fault-injector.so');
    this.#control = join(directory, 'control');
  }

  /** Undefined where there is no compiler, or where Node's calls cannot be reached. */
  static compile(): FaultInjector | undefined {
    const injector = new FaultInjector(mkdtempSync(join(tmpdir(), 'myftp-faults-')));
    const args = ['-shared', '-fPIC', '-O2', '-o', injector.#library, SOURCE, '-ldl'];
    if (spawnSync('gcc', args).status === 0 && injector.#reachesNode()) return injector;
    injector.dispose();
    return undefined;
  }

  /** What a process must find in its environment for faults to reach it, below `root`. */
  environment(root: string): NodeJS.ProcessEnv {
    return { LD_PRELOAD: this.#library, FAULT_ROOT: root, FAULT_CONTROL: this.#control };
  }

  /** From now on these rules hold, and no others. */
  async set(...rules: readonly string[]): Promise<void> {
    const draft = `${this.#control}.new`;
    await writeFile(draft, rules.map((rule) => `${rule}\n`).join(''));
    await rename(draft, this.#control);
  }

  dispose(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }

  #reachesNode(): boolean {
    const script = `
      const fs = require('node:fs');
      const [directory] = process.argv.slice(1);
      const probe = fs.openSync(directory + '/probe', 'w');
      fs.writeFileSync(directory + '/control', 'write EIO');
      try { fs.writeSync(probe, 'x', 0); } catch (error) { process.exit(error.code === 'EIO' ? 7 : 1); }`;
    const { NODE_OPTIONS: _, ...env } = { ...process.env, ...this.environment(this.directory) };
    const { status } = spawnSync(process.execPath, ['-e', script, this.directory], { env });
    rmSync(this.#control, { force: true });
    return status === 7;
  }
}
