import { describe, expect, test } from '@jest/globals';
import { Charset, charsetName } from './charset.ts';

const SAMPLES: readonly (readonly [label: string, text: string, hex: string])[] = [
  ['windows-1252', 'Grün €.txt', '4772fc6e20802e747874'],
  ['latin1', 'Grün', '4772fc6e'],
  ['iso-8859-15', '€', 'a4'],
  ['windows-1251', 'имя', 'e8ecff'],
  ['koi8-r', 'имя', 'c9cdd1'],
  ['shift_jis', '日本語', '93fa967b8cea'],
  ['euc-jp', '日本語', 'c6fccbdcb8ec'],
  ['gbk', '文件', 'cec4bcfe'],
  ['big5', '檔案', 'c0c9aed7'],
  ['euc-kr', '파일', 'c6c4c0cf'],
];

test.each(SAMPLES)('%s writes and reads %s', (label, text, hex) => {
  const charset = new Charset(charsetName(label) ?? '');
  expect(charset.encode(text)?.toString('hex')).toBe(hex);
  expect(charset.decode(Buffer.from(hex, 'hex'))).toBe(text);
});

describe.each(['windows-1252', 'windows-1251', 'koi8-r', 'iso-8859-2', 'ibm866'])('%s', (label) => {
  test('gives each octet back', () => {
    const charset = new Charset(label);
    for (let octet = 0; octet < 256; octet += 1) {
      const text = charset.decode(Buffer.of(octet));
      if (text !== undefined) expect(charset.encode(text)).toEqual(Buffer.of(octet));
    }
  });
});

test('octets that would be written otherwise, or mean nothing, are no text of the encoding', () => {
  const charset = new Charset('shift_jis');
  // Two codes of one character; the second half of a character is missing.
  expect(charset.decode(Buffer.from('879a', 'hex'))).toBeUndefined();
  expect(charset.decode(Buffer.from('93', 'hex'))).toBeUndefined();
});

test('a character that the encoding lacks cannot be written', () => {
  expect(new Charset('windows-1252').encode('日')).toBeUndefined();
});

test.each(['utf-16le', 'iso-2022-jp', 'klingon', ''])('%s is no encoding for names', (label) => {
  expect(charsetName(label)).toBeUndefined();
});
