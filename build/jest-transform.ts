/** What Jest does to a module before it runs it: Node's own type stripping, and esbuild where there is JSX. */
import { createHash } from 'node:crypto';
import { stripTypeScriptTypes } from 'node:module';
import { version as esbuildVersion } from 'esbuild';
import { compileJsx } from './compile-jsx.ts';

const VERSIONS = `${process.version}\0${esbuildVersion}`;

const transformer = {
  getCacheKey: (source: string, file: string) =>
    createHash('sha1').update(`${VERSIONS}\0${file}\0${source}`).digest('hex'),
  process: (source: string, file: string) => ({
    code: file.endsWith('.tsx') ? compileJsx(source, file) : stripTypeScriptTypes(source),
  }),
};

export default transformer;
