import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Paths of the compiled helpers, `client.c` and `supervise.c`. */
export interface Programs {
  readonly client: string;
  readonly supervise: string;
}

/** Compiles the two C programs into `directoryPath`. */
export async function compilePrograms(directoryPath: string): Promise<Programs> {
  const programs = {
    client: join(directoryPath, 'client'),
    supervise: join(directoryPath, 'supervise'),
  };
  await Promise.all([
    compile('./client.c', programs.client),
    compile('./supervise.c', programs.supervise),
  ]);
  return programs;
}

async function compile(source: string, outputPath: string): Promise<void> {
  const sourcePath = fileURLToPath(new URL(source, import.meta.url));
  try {
    await run('cc', ['-O2', '-pthread', '-o', outputPath, sourcePath]);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw new Error('The bench needs a C compiler (cc), e.g. apt install gcc libc6-dev.');
  }
}
