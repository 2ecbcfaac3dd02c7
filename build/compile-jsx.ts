import { transformSync } from 'esbuild';

/** Compiles a `.tsx` module, which Node cannot run: it strips types, but leaves JSX. Type errors are tsc's business. */
export function compileJsx(source: string, file: string): string {
  const { code } = transformSync(source, {
    loader: 'tsx',
    format: 'esm',
    target: 'node22',
    jsx: 'automatic',
    sourcemap: 'inline',
    sourcefile: file,
  });
  return code;
}
