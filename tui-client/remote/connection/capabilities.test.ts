import { describe, expect, test } from '@jest/globals';
import { digestIn } from '../remote-digest.ts';
import { Capabilities } from './capabilities.ts';

describe('what FEAT says', () => {
  const capabilities = new Capabilities([
    ' HASH CRC32;MD5;SHA-1*;SHA-256;SHA-512',
    ' MLST type*;size*;modify;UNIX.mode;',
    ' REST STREAM',
    ' SITE UTIME',
    ' SITE QUOTA',
    ' SITE XMD5',
    ' AUTH TLS;SSL',
    'XCRC "filename" start end',
    '211-UTF8',
    '',
  ]);

  test('is kept line by line', () => {
    expect(capabilities.siteCommands).toEqual(['UTIME', 'QUOTA', 'XMD5']);
    expect(capabilities.hasBoth('site', 'utime')).toBe(true);
    expect(capabilities.hasBoth('AUTH', 'SSL')).toBe(true);
    expect(capabilities.canRestart).toBe(true);
    expect([capabilities.has('utf8'), capabilities.has('MFMT')]).toEqual([true, false]);
  });

  test('names facts and algorithms, and which are selected', () => {
    expect(capabilities.facts).toEqual(['type', 'size', 'modify', 'unix.mode']);
    expect(capabilities.selectedFacts).toEqual(['type', 'size']);
    expect(capabilities.selectedHash).toBe('SHA-1');
    expect(capabilities.algorithms).toEqual(['SHA-256', 'SHA-512', 'SHA-1', 'MD5', 'CRC32']);
    expect(capabilities.hashName('CRC32')).toBe('CRC32');
  });

  test.each([
    ['XSHA256', 'SHA-256', 'XSHA256'],
    ['XSHA', 'SHA-1', 'XSHA'],
    ['SITE XMD5', 'MD5', 'SITE XMD5'],
    ['XCRC', 'CRC32', 'XCRC'],
  ] as const)('%s computes %s', (line, algorithm, command) => {
    const older = new Capabilities([line]);
    expect(older.algorithms).toEqual([algorithm]);
    expect(older.digestCommand(algorithm)).toBe(command);
  });
});

describe('a digest in a reply', () => {
  const sha = 'Ab'.repeat(32);

  test.each([
    [`213 SHA-256 0-49 ${sha} ${'0'.repeat(64)}.bin`, 'SHA-256', sha.toLowerCase()],
    [`250-Computing\n250 ${sha}`, 'SHA-256', sha.toLowerCase()],
    [`250 XMD5 ${sha}`, 'MD5', undefined],
    ['250 D5E3C2A1', 'CRC32', 'd5e3c2a1'],
    ['250 5e3c2a1', 'CRC32', '05e3c2a1'],
    ['213 CRC32 0-49 0005e3c2 name', 'CRC32', '0005e3c2'],
    ['250 whatever', 'CRC32', undefined],
  ] as const)('%s', (text, algorithm, hex) => {
    expect(digestIn({ code: 250, text }, algorithm)).toBe(hex);
  });
});
