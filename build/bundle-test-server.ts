// Bundles the server for the tests that run it as a process, into the directory that is named: it starts three times as
// fast as from its sources.
import { globSync } from 'node:fs';
import { build } from 'esbuild';

const [, , OUT = ''] = process.argv;
const MIGRATIONS = globSync('migrations/*.ts').map((file) => [file.replace(/\.ts$/, ''), file]);

await build({
  entryPoints: {
    'dist/server/main': 'server/main.ts',
    'dist/server/worker-main': 'server/workers/worker-main.ts',
    ...Object.fromEntries(MIGRATIONS.map(([name, file]) => [`dist/${name}`, file])),
  },
  outdir: OUT,
  bundle: true,
  splitting: true,
  // Modules look for migrations and workers beside the chunk that they are a part of.
  chunkNames: 'dist/server/[name]-[hash]',
  platform: 'node',
  format: 'esm',
  target: 'node22.18',
  sourcemap: true,
  sourcesContent: false,
  logLevel: 'warning',
  // The first three are native code; Pino starts threads from its own files; esbuild mistakes selfsigned's exports.
  external: ['better-sqlite3', '@node-rs/argon2', 'koffi', 'pino', 'pino-pretty', 'selfsigned'],
  // For packages that are still CommonJS.
  banner: {
    js: "import { createRequire as makeRequire } from 'node:module'; const require = makeRequire(import.meta.url);",
  },
});
