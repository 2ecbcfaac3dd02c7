// Bundles the terminal client into dist/tui-client, or into the directory that is named: one file to start with and one for the screens, which a
// command does not load. Types are tsc's business.
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { build } from 'esbuild';
import { builtinModules } from './builtin-modules.ts';
import { writeBundledLicences } from './bundled-licences.ts';

const [, , OUT = 'dist/tui-client'] = process.argv;

await rm(OUT, { recursive: true, force: true });
const { metafile } = await build({
  entryPoints: ['tui-client/main.ts'],
  outdir: OUT,
  bundle: true,
  splitting: true,
  chunkNames: '[name]-[hash]',
  platform: 'node',
  format: 'esm',
  target: 'node22.18',
  jsx: 'automatic',
  minifySyntax: true,
  metafile: true,
  logLevel: 'warning',
  plugins: [builtinModules],
  // React says how to use it better, and is slower, unless told that this is for good.
  define: { 'process.env.NODE_ENV': '"production"' },
  // The keyring is native code. Ink loads its development tools only when DEV=true.
  external: ['@napi-rs/keyring', 'react-devtools-core'],
});
await writeBundledLicences(metafile, path.join(OUT, 'licences.txt'));
