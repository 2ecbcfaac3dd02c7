import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { formatReply, multilineReply, quotedPath, reply } from './reply.ts';

describe('formatReply', () => {
  test('a reply of one line', () => {
    expect(formatReply(reply(200, 'OK.'))).toBe('200 OK.\r\n');
  });

  test('of several lines, the first has a dash and those between are indented', () => {
    const answer = multilineReply(211, ['Extensions:', 'UTF8', '220 looks like a reply', 'End.']);
    expect(formatReply(answer)).toBe(
      '211-Extensions:\r\n UTF8\r\n 220 looks like a reply\r\n211 End.\r\n',
    );
  });

  test('a name cannot end the line and forge another', () => {
    expect(formatReply(reply(250, 'a\r\n230 Logged in.\0 is removed.'))).toBe(
      '250 a??230 Logged in.? is removed.\r\n',
    );
  });

  test('whatever the texts are, there are as many lines and one that ends the reply', () => {
    const texts = fc.array(fc.string({ unit: 'binary' }), { minLength: 1 });
    fc.assert(
      fc.property(texts, (lines) => {
        const sent = formatReply(multilineReply(213, lines)).split('\r\n');
        expect(sent).toHaveLength(lines.length + 1);
        expect(sent.filter((line) => line.startsWith('213 '))).toHaveLength(1);
        expect(sent.join('')).not.toMatch(/[\r\n\0]/);
      }),
    );
  });
});

test('quotedPath doubles the quotes inside', () => {
  expect(quotedPath('/say "hello"')).toBe('"/say ""hello"""');
});
