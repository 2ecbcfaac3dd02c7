// Bundles what tests run as processes, apart from the client, into the directory that is named: a server starts three
// times as fast as from its sources.
import { globSync } from 'node:fs';
import { type BuildOptions, build } from 'esbuild';

const [, , OUT = ''] = process.argv;
const MIGRATIONS = globSync('migrations/*.ts').map((file) => [file.replace(/\.ts$/, ''), file]);

const OPTIONS: BuildOptions = {
  outdir: OUT,
  bundle: true,
  splitting: true,
  platform: 'node',
  format: 'esm',
  target: 'node22.18',
  logLevel: 'warning',
  // For packages that are still CommonJS.
  banner: {
    js: "import { createRequire as makeRequire } from 'node:module'; const require = makeRequire(import.meta.url);",
  },
};

await build({
  ...OPTIONS,
  entryPoints: {
    'dist/server/main': 'server/main.ts',
    'dist/server/worker-main': 'server/workers/worker-main.ts',
    ...Object.fromEntries(MIGRATIONS.map(([name, file]) => [`dist/${name}`, file])),
  },
  // Modules look for migrations and workers beside the chunk that they are a part of.
  chunkNames: 'dist/server/[name]-[hash]',
  // The first three are native code; Pino starts threads from its own files; esbuild mistakes selfsigned's exports.
  external: ['better-sqlite3', '@node-rs/argon2', 'koffi', 'pino', 'pino-pretty', 'selfsigned'],
});
await build({
  ...OPTIONS,
  entryPoints: { 'tiny-program': 'tests/terminal/tiny-program.tsx' },
  jsx: 'automatic',
  define: { 'process.env.NODE_ENV': '"production"' },
  external: ['react-devtools-core'],
});
