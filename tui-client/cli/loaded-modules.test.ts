import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ClientProgram } from './testing/client-program.ts';

/** Each of these takes tens of milliseconds to load. */
const SLOW_TO_LOAD = ['string-width', 'ink', 'react', '@inquirer'];

describe('what a command loads before it connects', () => {
  let client: ClientProgram;
  let chunks: readonly string[];

  beforeAll(async () => {
    client = await ClientProgram.prepare();
    chunks = await readdir(dirname(client.main));
  });
  afterAll(() => client?.dispose());

  test.each(['ls', 'get', 'put', 'mirror'])(
    '%s loads no package that only screens need',
    async (name) => {
      const modules = await modulesOf([chunkOf('run-process'), chunkOf(name)]);
      expect(modules.some((module) => module.includes('commander'))).toBe(true);
      const slow = modules.filter((module) =>
        SLOW_TO_LOAD.some((slowPackage) => module.includes(`node_modules/${slowPackage}/`)),
      );
      expect(slow).toEqual([]);
    },
  );

  test.each(['ls', 'get', 'put', 'mirror'])(
    '%s reads no file for a module of Node that our sources import',
    async (name) => {
      const modules = await modulesOf([chunkOf('run-process'), chunkOf(name)]);
      expect(modules).not.toContain('builtin-module:crypto');
      expect(modules).not.toContain('builtin-module:fs/promises');
    },
  );

  /** Bundled chunks have their module's name in front of a hash. */
  function chunkOf(module: string): string {
    const pattern = new RegExp(`^${module}-[A-Z0-9]+\\.js$`);
    return chunks.find((chunk) => pattern.test(chunk)) ?? `${module}.js`;
  }

  /** The modules in chunks and in all that these import at once, as esbuild notes them. */
  async function modulesOf(names: readonly string[]): Promise<readonly string[]> {
    const loaded = new Set(names);
    const modules: string[] = [];
    for (const name of loaded) {
      const text = await readFile(join(dirname(client.main), name), 'utf8');
      for (const [, module = ''] of text.matchAll(/^\/\/ (\S+\.m?[jt]sx?|builtin-module:\S+)$/gm))
        modules.push(module);
      for (const [, next = ''] of text.matchAll(/(?:from|^import) "\.\/([^"]+)"/gm))
        loaded.add(next);
    }
    return modules;
  }
});
