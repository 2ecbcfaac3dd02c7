// Bundles what only tests run as a process, into the directory that is named.
import { build } from 'esbuild';

const [, , OUT = ''] = process.argv;

await build({
  entryPoints: { 'tiny-program': 'tests/terminal/tiny-program.tsx' },
  outdir: OUT,
  bundle: true,
  splitting: true,
  platform: 'node',
  format: 'esm',
  target: 'node22.18',
  logLevel: 'warning',
  jsx: 'automatic',
  define: { 'process.env.NODE_ENV': '"production"' },
  external: ['react-devtools-core'],
  // For packages that are still CommonJS.
  banner: {
    js: "import { createRequire as makeRequire } from 'node:module'; const require = makeRequire(import.meta.url);",
  },
});
