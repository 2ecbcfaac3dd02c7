/** The licences of the packages whose code is a part of a bundle; most of them demand to be passed on with it. */
import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Metafile } from 'esbuild';

const PACKAGE_OF_INPUT = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//;
const LICENCE_FILE = /^(licen[cs]e|copying|notice)/i;

/** Writes one text file with the licences of all packages that esbuild took code from. */
export async function writeBundledLicences(metafile: Metafile, file: string): Promise<void> {
  const directories = new Set<string>();
  for (const input of Object.keys(metafile.inputs)) {
    const [, directory] = PACKAGE_OF_INPUT.exec(input) ?? [];
    if (directory !== undefined) directories.add(directory);
  }
  const sections = await Promise.all([...directories].sort().map(licenceSection));
  await writeFile(file, `These packages are part of this program.\n\n${sections.join('\n')}`);
}

async function licenceSection(directory: string): Promise<string> {
  const manifest = JSON.parse(await readFile(path.join(directory, 'package.json'), 'utf8'));
  const files = (await readdir(directory)).filter((name) => LICENCE_FILE.test(name)).sort();
  const texts = await Promise.all(
    files.map((name) => readFile(path.join(directory, name), 'utf8')),
  );
  const title = `${manifest.name} ${manifest.version} (${manifest.license})`;
  return `${[`== ${title}`, authorOf(manifest), ...texts].filter((text) => text !== '').join('\n\n')}\n`;
}

function authorOf({ author }: { author?: string | { name?: string } }): string {
  const name = typeof author === 'string' ? author : author?.name;
  return name === undefined ? '' : `Author: ${name}`;
}
