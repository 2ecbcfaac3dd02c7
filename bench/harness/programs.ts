import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Paths of the compiled helpers, `client.c`, `flood.c` and `supervise.c`. */
export interface Programs {
  readonly client: string;
  readonly flood: string;
  readonly supervise: string;
  /** Whether the client can do TLS: only where OpenSSL's headers are. */
  readonly clientKnowsTls: boolean;
}

/** Compiles the C programs into `directoryPath`. */
export async function compilePrograms(directoryPath: string): Promise<Programs> {
  const client = join(directoryPath, 'client');
  const flood = join(directoryPath, 'flood');
  const supervise = join(directoryPath, 'supervise');
  const [clientKnowsTls] = await Promise.all([
    compileClient(client),
    compile(['flood.c', 'connection.c'], flood),
    compile(['supervise.c'], supervise),
  ]);
  return { client, flood, supervise, clientKnowsTls };
}

/** Compiles it with OpenSSL if that is there; tells whether it was. */
async function compileClient(outputPath: string): Promise<boolean> {
  const sources = ['client.c', 'connection.c'];
  try {
    await compile(sources, outputPath, ['-DWITH_TLS', '-lssl', '-lcrypto']);
    return true;
  } catch (error) {
    if (!/openssl\/\w+\.h|-lssl|-lcrypto/.test(String((error as { stderr?: unknown }).stderr)))
      throw error;
    await compile(sources, outputPath);
    return false;
  }
}

async function compile(
  sources: readonly string[],
  outputPath: string,
  options: readonly string[] = [],
): Promise<void> {
  const paths = sources.map((name) => fileURLToPath(new URL(name, import.meta.url)));
  try {
    await run('cc', ['-O2', '-pthread', '-o', outputPath, ...paths, ...options]);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw new Error('The bench needs a C compiler (cc), e.g. apt install gcc libc6-dev.');
  }
}
