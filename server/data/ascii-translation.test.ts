import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { FromNetworkLineEnds, ToNetworkLineEnds } from './ascii-translation.ts';

/** Texts in which line ends, halves of them and other octets are all frequent. */
const texts = fc
  .array(fc.constantFrom('\r', '\n', '\r\n', 'a', 'bc', '\0', 'ü'), { maxLength: 60 })
  .map((parts) => Buffer.from(parts.join('')));
const cuts = fc.array(fc.nat(8), { maxLength: 40 });

function chunksOf(octets: Buffer, sizes: readonly number[]): Buffer[] {
  const chunks: Buffer[] = [];
  let at = 0;
  for (const size of [...sizes, octets.length]) {
    chunks.push(octets.subarray(at, at + size));
    at += size;
  }
  return chunks;
}

function received(chunks: readonly Buffer[]): string {
  const lines = new FromNetworkLineEnds();
  const translated = chunks.map((chunk) => lines.push(chunk));
  return Buffer.concat([...translated, lines.end()]).toString('latin1');
}

function sentFrom(chunks: readonly Buffer[]): string {
  const lines = new ToNetworkLineEnds();
  return Buffer.concat(chunks.map((chunk) => lines.push(chunk))).toString('latin1');
}

describe('to the network', () => {
  const sent = (text: string) => sentFrom([Buffer.from(text)]);

  test('each LF becomes CRLF', () => {
    expect(sent('a\nb\n\n')).toBe('a\r\nb\r\n\r\n');
  });

  test('CRLF stays as it is, also where two chunks meet', () => {
    expect(sent('a\r\nb\n\r\n')).toBe('a\r\nb\r\n\r\n');
    const chunks = ['a\r', '', '\nb\n', '\n'].map((text) => Buffer.from(text));
    expect(sentFrom(chunks)).toBe('a\r\nb\r\n\r\n');
  });

  test('a CR alone is part of the text', () => {
    expect(sent('a\rb\r\r\n\r')).toBe('a\rb\r\r\n\r');
  });

  test('nothing becomes nothing', () => {
    expect(sent('')).toBe('');
  });

  test('chunks do not matter', () => {
    fc.assert(
      fc.property(texts, cuts, (text, sizes) => {
        const expected = text.toString('latin1').replaceAll(/(?<!\r)\n/g, '\r\n');
        expect(sentFrom(chunksOf(text, sizes))).toBe(expected);
      }),
    );
  });
});

describe('from the network', () => {
  test('each CRLF becomes LF', () => {
    expect(received([Buffer.from('a\r\nb\r\n')])).toBe('a\nb\n');
  });

  test('a bare LF and a bare CR stay', () => {
    expect(received([Buffer.from('a\nb\rc\r')])).toBe('a\nb\rc\r');
  });

  test('of CR CR LF one CR is part of the text', () => {
    expect(received([Buffer.from('a\r\r\n')])).toBe('a\r\n');
  });

  test('a CRLF that is cut in two is one', () => {
    expect(received([Buffer.from('a\r'), Buffer.from(''), Buffer.from('\nb')])).toBe('a\nb');
  });

  test('chunks do not matter', () => {
    fc.assert(
      fc.property(texts, cuts, (text, sizes) => {
        const expected = text.toString('latin1').replaceAll('\r\n', '\n');
        expect(received(chunksOf(text, sizes))).toBe(expected);
      }),
    );
  });
});

test('a text with LF line ends comes back as it went', () => {
  fc.assert(
    fc.property(texts, cuts, (text, sizes) => {
      const original = Buffer.from(text.toString('latin1').replaceAll('\r', ''), 'latin1');
      const there = Buffer.from(sentFrom([original]), 'latin1');
      expect(received(chunksOf(there, sizes))).toBe(original.toString('latin1'));
    }),
  );
});
