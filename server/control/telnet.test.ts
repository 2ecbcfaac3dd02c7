import { describe, expect, test } from '@jest/globals';
import { withoutTelnet } from './telnet.ts';

describe('withoutTelnet', () => {
  const cleaned = (...parts: (string | number)[]) =>
    withoutTelnet(
      Buffer.concat(
        parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : Buffer.of(part))),
      ),
    ).toString('latin1');

  test('a line without IAC is handed on as it is', () => {
    const line = Buffer.from('RETR grüße');
    expect(withoutTelnet(line)).toBe(line);
  });

  test('IAC IP and IAC DM before ABOR are taken out', () => {
    expect(cleaned(0xff, 0xf4, 0xff, 0xf2, 'ABOR')).toBe('ABOR');
  });

  test('so is the IAC that is left when the DM came as urgent data', () => {
    expect(cleaned(0xff, 0xf4, 0xff, 'ABOR')).toBe('ABOR');
  });

  test('so is the DM that is left when its IAC came as urgent data', () => {
    expect(cleaned(0xff, 0xf4, 0xf2, 'ABOR')).toBe('ABOR');
  });

  test('WILL, WONT, DO and DONT take their option with them', () => {
    for (const command of [0xfb, 0xfc, 0xfd, 0xfe]) {
      expect(cleaned(0xff, command, 0x18, 'NOOP')).toBe('NOOP');
    }
  });

  test('a doubled IAC is the octet itself', () => {
    expect(cleaned('RETR a', 0xff, 0xff, 'b')).toBe('RETR a\xffb');
  });

  test('an IAC at the end of the line is dropped', () => {
    expect(cleaned('NOOP', 0xff)).toBe('NOOP');
    expect(cleaned('NOOP', 0xff, 0xfb)).toBe('NOOP');
  });
});
