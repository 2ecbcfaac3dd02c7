// Bundles the server into dist, or into the directory that is named: it starts in about half the time of single modules, in
// less memory. Users of the package get neither ftp-srv's own dependencies (`ip` has advisories, `dtrace-provider` compiles)
// nor need the overrides, which npm heeds in a checkout only. Types are tsc's business.
import { globSync } from 'node:fs';
import path from 'node:path';
import { build, type Plugin } from 'esbuild';
import { writeBundledLicences } from './bundled-licences.ts';

const [, , OUT = 'dist'] = process.argv;
const MIGRATIONS = globSync('migrations/*.ts').map((file) => [file.replace(/\.ts$/, ''), file]);

/** ftp-srv parses its address with `url.parse`; Node warns of that at each start when the caller is no dependency. */
const withoutUrlParse: Plugin = {
  name: 'without-url-parse',
  setup(bundle) {
    bundle.onResolve({ filter: /^url$/ }, () => ({ path: 'url', namespace: 'shim' }));
    bundle.onLoad({ filter: /./, namespace: 'shim' }, () => ({
      contents: 'module.exports = { parse: (address) => new URL(address) };',
    }));
  },
};

const { metafile } = await build({
  entryPoints: {
    'server/main': 'server/main.ts',
    'server/program-runner-main': 'server/programs/program-runner-main.ts',
    'server/worker-main': 'server/workers/worker-main.ts',
    ...Object.fromEntries(MIGRATIONS),
  },
  outdir: OUT,
  bundle: true,
  splitting: true,
  // Modules look for migrations and workers beside the chunk that they are a part of.
  chunkNames: 'server/[name]-[hash]',
  platform: 'node',
  format: 'esm',
  target: 'node22.18',
  minifySyntax: true,
  metafile: true,
  plugins: [withoutUrlParse],
  logLevel: 'warning',
  // The first three are native code; Pino starts threads from its own files; esbuild mistakes selfsigned's exports.
  external: ['better-sqlite3', '@node-rs/argon2', 'koffi', 'pino', 'pino-pretty', 'selfsigned'],
  // For packages that are still CommonJS.
  banner: {
    js: "import { createRequire as makeRequire } from 'node:module'; const require = makeRequire(import.meta.url);",
  },
});
await writeBundledLicences(metafile, path.join(OUT, 'server/licences.txt'));
