import { readFile } from 'node:fs/promises';
import { isBuiltin } from 'node:module';
import { extname } from 'node:path';
import type { Loader, Plugin } from 'esbuild';

const NAMESPACE = 'builtin-module';

/** An import of a whole module, of some of its names, or of both. */
const IMPORT =
  /^import (?:([\w$]+)(?:, )?)?(?:\* as ([\w$]+)|\{([^}]*)\})? from ['"]([^'"]+)['"];?$/gm;

const LOADERS: Readonly<Record<string, Loader>> = {
  '.ts': 'ts',
  '.tsx': 'tsx',
  '.js': 'js',
  '.mjs': 'js',
};

/**
 * Takes Node's own modules from the process instead of importing them: an import reads each property that a module
 * exports, and with that loads what only few programs need, such as `fetch` for `node:http` and all root certificates
 * for `node:tls`. It made each start 40 ms longer.
 */
export const builtinModules: Plugin = {
  name: NAMESPACE,
  setup(build) {
    build.onLoad({ filter: /\.(tsx?|m?js)$/ }, async ({ path }) => ({
      contents: withoutImports(await readFile(path, 'utf8')),
      loader: LOADERS[extname(path)] ?? 'js',
    }));
    // What is imported in another way, or required.
    build.onResolve({ filter: /./ }, ({ path }) =>
      isBuiltin(path) ? { path: path.replace(/^node:/, ''), namespace: NAMESPACE } : undefined,
    );
    build.onLoad({ filter: /./, namespace: NAMESPACE }, ({ path }) => ({
      contents: `module.exports = ${fromProcess(path)};`,
    }));
  },
};

function withoutImports(source: string): string {
  return source.replace(IMPORT, (written, whole, namespace, names, module) => {
    if (!isBuiltin(module)) return written;
    const lines = [whole, namespace].filter((name) => name !== undefined);
    if (names !== undefined) lines.push(`{ ${pattern(names)} }`);
    return lines.map((bound) => `const ${bound} = ${fromProcess(module)};`).join(' ');
  });
}

/** `a, b as c` as an object is taken apart: `a, b: c`. */
function pattern(names: string): string {
  const values = names.split(',').map((name) => name.trim());
  return values
    .filter((name) => name !== '' && !name.startsWith('type '))
    .map((name) => name.replace(/ as /, ': '))
    .join(', ');
}

function fromProcess(module: string): string {
  // Some files have a `process` of their own.
  return `globalThis.process.getBuiltinModule(${JSON.stringify(`node:${module.replace(/^node:/, '')}`)})`;
}
