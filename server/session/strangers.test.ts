import { describe, expect, test } from '@jest/globals';
import { Strangers } from './strangers.ts';

function setUp(maxSessions: number) {
  const strangers = new Strangers({ maxSessions });
  const ended: string[] = [];
  const come = (peerAddress: string, name = peerAddress) => {
    const verdict = strangers.makeRoom(peerAddress);
    const stranger = { peerAddress, end: () => ended.push(name) };
    if (verdict === 'room') strangers.add(stranger);
    return { verdict, stranger };
  };
  return { strangers, ended, come };
}

describe('Strangers', () => {
  test('hold half of all sessions', () => {
    const { come, ended } = setUp(6);
    for (let count = 0; count < 3; count += 1) {
      expect(come('192.0.2.1').verdict).toBe('room');
    }
    expect(come('192.0.2.1').verdict).toBe('full');
    expect(ended).toEqual([]);
  });

  test('of an origin that has most make way for others, the oldest first', () => {
    const { come, ended } = setUp(8);
    for (const name of ['first', 'second', 'third']) come('192.0.2.1', name);
    come('192.0.2.2');
    expect(come('192.0.2.3').verdict).toBe('room');
    expect(ended).toEqual(['first']);
    expect(come('192.0.2.4').verdict).toBe('room');
    expect(ended).toEqual(['first', 'second']);
    expect(come('192.0.2.5').verdict).toBe('full');
  });

  test('an IPv6 network of 64 bits is one origin', () => {
    const { come, ended } = setUp(4);
    come('2001:db8::1', 'first');
    come('2001:db8::2', 'second');
    expect(come('2001:db8::3').verdict).toBe('full');
    expect(come('2001:db8:0:1::1').verdict).toBe('room');
    expect(ended).toEqual(['first']);
  });

  test('who has logged in or gone is no stranger', () => {
    const { strangers, come } = setUp(2);
    const { stranger } = come('192.0.2.1');
    strangers.remove(stranger);
    strangers.remove(stranger);
    expect(come('192.0.2.1').verdict).toBe('room');
    expect(come('192.0.2.1').verdict).toBe('full');
  });
});
