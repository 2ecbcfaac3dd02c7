import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  LineBuffer,
  MAX_LINE_OCTETS,
  MAX_UNENDED_OCTETS,
  type ReceivedLine,
} from './line-buffer.ts';

describe('LineBuffer', () => {
  const texts = (received: readonly ReceivedLine[]) =>
    received.map((line) => (Buffer.isBuffer(line) ? line.toString('latin1') : line));
  const push = (lines: LineBuffer, octets: string) => {
    lines.push(Buffer.from(octets, 'latin1'));
    return cutAll(lines);
  };

  test('CRLF ends a line, and so does a bare LF', () => {
    expect(texts(push(new LineBuffer(), 'USER anna\r\nNOOP\n\r\n\n'))).toEqual([
      'USER anna',
      'NOOP',
      '',
      '',
    ]);
  });

  test('only the CR before the LF belongs to the line end', () => {
    expect(texts(push(new LineBuffer(), 'STOR a\rb\r\r\n'))).toEqual(['STOR a\rb\r']);
  });

  test('ABOR is a line at its CR, for its LF may have been urgent data', () => {
    const lines = new LineBuffer();
    expect(texts(push(lines, 'ABOR\r'))).toEqual(['ABOR']);
    expect(texts(push(lines, 'PWD\r\n'))).toEqual(['PWD']);
    expect(texts(push(lines, 'abor\r'))).toEqual(['abor']);
    expect(texts(push(lines, '\nPWD\r\n'))).toEqual(['PWD']);
  });

  test('where the network splits a line does not matter', () => {
    const sent = 'USER anna\r\nPASS with blanks \r\nSTOR gr\xfc\xdfe\nNOOP\r\n';
    const expected = texts(push(new LineBuffer(), sent));
    for (let at = 0; at <= sent.length; at += 1) {
      const lines = new LineBuffer();
      const received = [...push(lines, sent.slice(0, at)), ...push(lines, sent.slice(at))];
      expect(texts(received)).toEqual(expected);
    }
  });

  test('nor does it if every octet comes alone, or in chunks of any size', () => {
    const octets = fc.stringMatching(/^[ -~\r\n]{0,200}$/);
    fc.assert(
      fc.property(octets, fc.array(fc.nat(30)), (sent, sizes) => {
        const lines = new LineBuffer();
        const received: ReceivedLine[] = [];
        let at = 0;
        for (const size of [...sizes, sent.length]) {
          received.push(...push(lines, sent.slice(at, at + size)));
          at += size;
        }
        expect(texts(received)).toEqual(texts(push(new LineBuffer(), sent)));
      }),
    );
  });

  test('a kept beginning does not change when the receive buffer is used again', () => {
    const lines = new LineBuffer();
    const chunk = Buffer.from('USER an');
    lines.push(chunk);
    cutAll(lines);
    chunk.fill('x');
    expect(texts(push(lines, 'na\r\n'))).toEqual(['USER anna']);
  });

  describe('a line', () => {
    const longest = 'x'.repeat(MAX_LINE_OCTETS - 2);

    test.each([1, 100, 10_000])('of the most octets is taken, in chunks of %i', (size) => {
      expect(feed(`${longest}\r\n`, size)).toEqual([longest]);
    });

    test.each([1, 100, 10_000])('longer than that is told once, in chunks of %i', (size) => {
      expect(feed(`${longest}x\r\nNOOP\r\n`, size)).toEqual(['too long', 'NOOP']);
    });

    test.each([1, 1000])('much longer is told once, in chunks of %i', (size) => {
      expect(feed(`${'x'.repeat(20_000)}\r\nNOOP\r\n`, size)).toEqual(['too long', 'NOOP']);
    });

    test.each([1000, 60_000, 200_000])(
      'that ends too late is told the same, in chunks of %i',
      (size) => {
        const late = `${'x'.repeat(MAX_UNENDED_OCTETS + 1)}\r\n`;
        expect(feed(late, size)).toEqual(['too long', 'endless']);
      },
    );

    test('that does not end is told when it has used up the patience', () => {
      const received = feed('x'.repeat(MAX_UNENDED_OCTETS + 1), 1000);
      expect(received).toEqual(['too long', 'endless']);
    });

    function feed(octets: string, size: number): string[] {
      const lines = new LineBuffer();
      const received: string[] = [];
      for (let at = 0; at < octets.length; at += size) {
        received.push(...texts(push(lines, octets.slice(at, at + size))));
      }
      return received;
    }
  });

  test('lines are cut only when they are wanted', () => {
    const lines = new LineBuffer();
    lines.push(Buffer.from('NOOP\r\nPWD\r\nSY'));
    lines.push(Buffer.from('ST\r\n'));
    expect(lines.hasMore).toBe(true);
    expect(String(lines.next())).toBe('NOOP');
    const heldBytes = lines.heldBytes;
    expect(heldBytes).toBeGreaterThan(0);
    expect(String(lines.next())).toBe('PWD');
    expect(lines.heldBytes).toBe(heldBytes);
    expect(String(lines.next())).toBe('SYST');
    expect([lines.next(), lines.hasMore, lines.isEmpty, lines.heldBytes]).toEqual([
      undefined,
      false,
      true,
      0,
    ]);
  });

  test('the beginning of a line is something that has arrived, and nothing to look at', () => {
    const lines = new LineBuffer();
    lines.push(Buffer.from('NO'));
    expect(lines.next()).toBeUndefined();
    expect([lines.hasMore, lines.isEmpty]).toEqual([false, false]);
  });

  test('the time to cut a line does not grow with what is held', () => {
    const lines = new LineBuffer();
    let looks = 0;
    const chunk = new Proxy(Buffer.alloc(65_536, '\n'), {
      get(target, property) {
        const value = Reflect.get(target, property, target) as unknown;
        if (property === 'subarray') looks += 1;
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
    lines.push(chunk);
    for (let count = 0; count < 100; count += 1) lines.next();
    expect(looks).toBe(100);
  });
});

function cutAll(lines: LineBuffer): ReceivedLine[] {
  const received: ReceivedLine[] = [];
  for (let line = lines.next(); line !== undefined; line = lines.next()) received.push(line);
  return received;
}
