import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { findInNetrc, findLogin } from './netrc.ts';

const TEXT = `# my logins
machine ftp.example.org login anna password secret
machine ftp.example.org
  login ben
  password "two words and \\" quotes"
macdef init
machine trap.example.org login mallory password oops

machine other.example.org password #hash
default login anonymous password anna@
`;

describe('a login in .netrc', () => {
  test('is the first one of the host', () => {
    expect(findLogin(TEXT, 'FTP.example.org', undefined)).toEqual({
      login: 'anna',
      password: 'secret',
    });
  });

  test('is that of the user, if there is one', () => {
    expect(findLogin(TEXT, 'ftp.example.org', 'ben')?.password).toBe('two words and " quotes');
  });

  test('may begin like a comment', () => {
    expect(findLogin(TEXT, 'other.example.org', 'carl')?.password).toBe('#hash');
  });

  test('is not looked for in macros', () => {
    expect(findLogin(TEXT, 'trap.example.org', undefined)?.login).toBe('anonymous');
  });

  test('is the default one for a host that is not named', () => {
    expect(findLogin(TEXT, 'ftp.example.net', undefined)?.password).toBe('anna@');
    expect(findLogin(TEXT, 'ftp.example.net', 'carl')).toBeUndefined();
  });
});

describe('the file', () => {
  let directory: string;
  let path: string;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'myftp-netrc-'));
    path = join(directory, '.netrc');
    await writeFile(path, TEXT);
  });
  afterAll(() => rm(directory, { recursive: true }));

  async function look(at: string): Promise<{ password: string | undefined; warnings: string[] }> {
    const warnings: string[] = [];
    const warn = (sentence: string) => void warnings.push(sentence);
    const found = await findInNetrc(at, { host: 'ftp.example.org', username: 'anna', warn });
    return { password: found?.password, warnings };
  }

  test.each([0o600, 0o400])('is read with the mode %o', async (mode) => {
    await chmod(path, mode);
    expect(await look(path)).toEqual({ password: 'secret', warnings: [] });
  });

  test.each([0o640, 0o604, 0o644])('is ignored, with a warning, with the mode %o', async (mode) => {
    await chmod(path, mode);
    const { password, warnings } = await look(path);
    expect(password).toBeUndefined();
    expect(warnings).toEqual([expect.stringContaining('other users can read it')]);
  });

  test('need not be there', async () => {
    expect(await look(join(directory, 'none'))).toEqual({ password: undefined, warnings: [] });
  });
});
