import { readFileSync } from 'node:fs';

/** The version in package.json, which lies one directory up, among the sources and in dist alike. */
export function readVersion(): string {
  const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  return String(manifest.version);
}
