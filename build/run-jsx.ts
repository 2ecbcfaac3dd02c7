/** Lets Node run `.tsx` modules from their sources: `node --import ./build/run-jsx.ts program.tsx`. */
import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';
import { compileJsx } from './compile-jsx.ts';

registerHooks({
  load(url, context, nextLoad) {
    if (!url.endsWith('.tsx')) return nextLoad(url, context);
    const file = fileURLToPath(url);
    const source = compileJsx(readFileSync(file, 'utf8'), file);
    return { format: 'module', source, shortCircuit: true };
  },
});
