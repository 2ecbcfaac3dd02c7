import { describe, expect, test } from '@jest/globals';
import { parseTarget, siteOfUrl } from './target.ts';

describe('a URL', () => {
  test.each([
    ['ftp://ftp.example.org', 'explicit', 'ftp.example.org', 21],
    ['FTPES://FTP.Example.org:2121', 'explicit', 'ftp.example.org', 2121],
    ['ftps://ftp.example.org', 'implicit', 'ftp.example.org', 990],
    ['ftps://[::1]:10990', 'implicit', '::1', 10_990],
  ])('%s names a server', (text, tls, host, port) => {
    expect(parseTarget(text)).toEqual({
      kind: 'url',
      tls,
      host,
      port,
      username: undefined,
      path: undefined,
    });
  });

  test.each([
    ['ftp://h/www/a%20b', '/www/a b'],
    ['ftp://h/', '/'],
    ['ftp://h', undefined],
    ['ftp://h/~/notes.txt', 'notes.txt'],
    ['ftp://h/~/', undefined],
    ['ftp://h/a?b#c;d', '/a?b#c;d'],
    ['ftp://h/100%25', '/100%'],
  ])('%s names a path', (text, path) => {
    expect(parseTarget(text)).toMatchObject({ path });
  });

  test.each([
    ['ftp://anna@h/', 'anna'],
    ['ftp://anna%40example.org@h/', 'anna@example.org'],
    ['ftp://anna@example.org@h/', 'anna@example.org'],
    ['ftp://h/a@b', undefined],
  ])('%s names a user', (text, username) => {
    expect(parseTarget(text)).toMatchObject({ host: 'h', username });
  });

  test('with a password in it is refused, and the password not repeated', () => {
    expect(() => parseTarget('ftp://anna:hunter2@h/')).toThrow(/password in a URL is visible/);
    expect(() => parseTarget('http://anna:hunter2@h/')).toThrow(
      expect.not.objectContaining({ message: expect.stringContaining('hunter2') }),
    );
  });

  test.each([
    ['http://h/', /expected ftp/],
    ['ftp:///www', /missing host/],
    ['ftp://h:0/', /Invalid port/],
    ['ftp://h:65536/', /Invalid port/],
    ['ftp://h:/', /Invalid port/],
    ['ftp://h/100%', /Invalid percent-encoding/],
  ])('%s is refused', (text, reason) => {
    expect(() => parseTarget(text)).toThrow(reason);
  });

  test('becomes a site', () => {
    const target = parseTarget('ftps://[::1]/www');
    if (target.kind !== 'url') throw new Error('no URL');
    expect(siteOfUrl(target, 'anna')).toMatchObject({ id: 'anna@[::1]:990', tls: 'implicit' });
  });
});

describe('a word with a colon', () => {
  test.each([
    ['work:', undefined],
    ['work:/www', '/www'],
    ['work:notes.txt', 'notes.txt'],
    ['work:a:b', 'a:b'],
  ])('%s begins with a bookmark', (text, path) => {
    expect(parseTarget(text)).toEqual({ kind: 'bookmark', name: 'work', path });
  });

  test.each(['./a:b', '/tmp/a:b', ':a', '-', 'notes.txt', '~/work', 'a b:c'])(
    '%s is a local path',
    (path) => {
      expect(parseTarget(path)).toEqual({ kind: 'local', path });
    },
  );
});
