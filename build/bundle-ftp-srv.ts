// Bundles ftp-srv into the one module of dist that imports it. Users of the package then get neither ftp-srv's own
// dependencies (`ip` has advisories, `dtrace-provider` compiles) nor need the overrides, which npm heeds in a checkout only.
import path from 'node:path';
import { build, type Plugin } from 'esbuild';
import { writeBundledLicences } from './bundled-licences.ts';

const [, , OUT = 'dist/server'] = process.argv;
const MODULE = 'ftp-srv/internals';

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
  entryPoints: [`server/${MODULE}.ts`],
  outfile: path.join(OUT, `${MODULE}.js`),
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node22.18',
  metafile: true,
  plugins: [withoutUrlParse],
  logLevel: 'warning',
  // ftp-srv is CommonJS.
  banner: {
    js: "import { createRequire as makeRequire } from 'node:module'; const require = makeRequire(import.meta.url);",
  },
});
await writeBundledLicences(metafile, path.join(OUT, `${MODULE}.licences.txt`));
