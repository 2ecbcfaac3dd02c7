// Types away, JSX compiled, ES modules kept: the whole of what Jest needs. Type errors are tsc's business.
const { createHash } = require('node:crypto');
const { transformSync, version } = require('esbuild');

module.exports = {
  getCacheKey: (source, file) =>
    createHash('sha1').update(`${version}\0${file}\0${source}`).digest('hex'),
  process: (source, file) => ({
    code: transformSync(source, {
      loader: file.endsWith('x') ? 'tsx' : 'ts',
      format: 'esm',
      target: 'node20',
      jsx: 'automatic',
      sourcemap: 'inline',
      sourcefile: file,
    }).code,
  }),
};
