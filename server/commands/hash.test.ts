import { createHash } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { ControlClient } from '../testing/control-client.ts';
import { TestServer } from '../testing/test-server.ts';

const TEXT = '0123456789';
const md5 = (text: string) => createHash('md5').update(text).digest('hex');
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

describe('checksums', () => {
  let server: TestServer;
  let client: ControlClient;

  beforeAll(async () => {
    server = await TestServer.start();
    client = await server.signUp();
    for (const name of ['file', 'file 1', 'say "x"']) await client.store(`STOR ${name}`, TEXT);
    await client.store('STOR empty', '');
    await client.command('MKD directory');
  });
  beforeEach(() => client.command('OPTS HASH SHA-256'));
  afterAll(() => server.dispose());

  const answer = async (line: string) => (await client.command(line)).lines[0];
  const code = async (line: string) => (await client.command(line)).code;

  test.each([
    ['XMD5 file', md5(TEXT)],
    ['XMD5 file 3', md5('3456789')],
    ['XMD5 file 3 6', md5('345')],
    ['XMD5 file 3 3', md5('')],
    ['XMD5 file 0 10', md5(TEXT)],
    ['XMD5 "file" 3 6', md5('345')],
    ['XMD5 "file 1" 3 6', md5('345')],
    ['XMD5 "say ""x"""', md5(TEXT)],
    ['XMD5 file 1', md5(TEXT)],
    ['XMD5 file 1 2', md5('23456789')],
    ['XMD5 empty', md5('')],
    ['XCRC file', 'A684C7C6'],
    ['XCRC empty', '00000000'],
  ])('%s is %s', async (line, digest) => {
    expect(await answer(line)).toBe(`250 ${digest}`);
  });

  test.each(['XMD5 file 11', 'XMD5 file 0 11', 'XMD5 file 6 3'])('%s is 554', async (line) => {
    expect(await code(line)).toBe(554);
  });

  test.each(['XMD5 nothing', 'XMD5 directory', 'HASH nothing', 'HASH directory'])(
    '%s is 550',
    async (line) => {
      expect(await code(line)).toBe(550);
    },
  );

  test.each(['XMD5 "file', 'XMD5 "file" x', 'XMD5 ""'])('%s is 501', async (line) => {
    expect(await code(line)).toBe(501);
  });

  test('a file that has changed has another checksum', async () => {
    await client.store('STOR changing', 'one');
    expect(await answer('XMD5 changing')).toBe(`250 ${md5('one')}`);
    await client.store('STOR changing', 'two');
    expect(await answer('XMD5 changing')).toBe(`250 ${md5('two')}`);
  });

  describe('HASH', () => {
    test('tells algorithm, range, digest and path', async () => {
      expect(await answer('HASH file')).toBe(`213 SHA-256 0-9 ${sha256(TEXT)} /file`);
    });

    test('RANG counts both ends, for one HASH', async () => {
      await client.command('RANG 3 5');
      expect(await answer('HASH file')).toBe(`213 SHA-256 3-5 ${sha256('345')} /file`);
      expect(await answer('HASH file')).toBe(`213 SHA-256 0-9 ${sha256(TEXT)} /file`);
    });

    test('a range beyond the end is 554', async () => {
      await client.command('RANG 3 10');
      expect(await code('HASH file')).toBe(554);
    });

    test('OPTS HASH chooses the algorithm, in any case', async () => {
      expect(await answer('OPTS HASH md5')).toBe('200 MD5');
      expect(await answer('HASH file')).toBe(`213 MD5 0-9 ${md5(TEXT)} /file`);
    });
  });
});
