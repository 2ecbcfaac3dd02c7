/** Words that readers have to puzzle over stay out of comments, documents and the client's texts; the pattern below lists them. */
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';

const ROOT = new URL('../', import.meta.url);
const WORDS =
  /\b(?:nobody|somebody|whoever|so many|so much|any more|anew|meanwhile|just now|carr(?:y|ies|ied) on|comes? (?:to be|about))\b/gi;
const COMMENTS = /\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm;

/** The sources of a folder without tests, by their names. */
function sourcesIn(folder: string): readonly [file: string, text: string][] {
  const files = readdirSync(new URL(folder, ROOT), { recursive: true, encoding: 'utf8' });
  return files
    .filter((file) => /\.tsx?$/.test(file) && !/\.test\./.test(file))
    .map((file) => [file, readFileSync(new URL(`${folder}/${file}`, ROOT), 'utf8')]);
}

test.each(['server', 'tui-client', 'db', 'migrations'])(
  'comments in %s are plain English',
  (folder) => {
    const sources = sourcesIn(folder);
    expect(sources.length).toBeGreaterThan(10);
    const found = sources.flatMap(([file, text]) => {
      const comments = text.match(COMMENTS) ?? [];
      return comments.flatMap((one) => one.match(WORDS) ?? []).map((word) => `${file}: ${word}`);
    });
    expect(found).toEqual([]);
  },
);

test('the documents are plain English', () => {
  const inDocs = readdirSync(new URL('docs', ROOT), { recursive: true, encoding: 'utf8' });
  const files = ['README.md', 'CHANGELOG.md', 'CONTRIBUTING.md', 'SECURITY.md', 'bench/README.md'];
  files.push(...inDocs.filter((file) => file.endsWith('.md')).map((file) => `docs/${file}`));
  const found = files.flatMap((file) => {
    const words = readFileSync(new URL(file, ROOT), 'utf8').match(WORDS) ?? [];
    return words.map((word) => `${file}: ${word}`);
  });
  expect(found).toEqual([]);
});

/** Without `'nobody'`, a value in the JSON of `doctor`, which scripts may match. */
function withoutComments(text: string): string {
  return text.replace(COMMENTS, '').replaceAll("'nobody'", '');
}

test('screens, help and messages of the client are plain English', () => {
  const sources = sourcesIn('tui-client');
  const found = sources.flatMap(([file, text]) =>
    (withoutComments(text).match(WORDS) ?? []).map((word) => `${file}: ${word}`),
  );
  expect(found).toEqual([]);
});
