import { describe, expect, test } from '@jest/globals';
import { SessionLimits } from './session-limits.ts';

const NO_LIMIT = { maxSessions: 1000, maxSessionsPerIp: 0, maxSessionsPerUser: 0 };

describe('SessionLimits', () => {
  test('the server takes so many sessions and no more', () => {
    const limits = new SessionLimits({ ...NO_LIMIT, maxSessions: 2 });
    expect(limits.admit('192.0.2.1')).toBe('admitted');
    expect(limits.admit('192.0.2.2')).toBe('admitted');
    expect(limits.admit('192.0.2.3')).toBe('server full');
    limits.release('192.0.2.1');
    expect(limits.admit('192.0.2.3')).toBe('admitted');
  });

  test('so does each address, however it is written', () => {
    const limits = new SessionLimits({ ...NO_LIMIT, maxSessionsPerIp: 2 });
    expect(limits.admit('192.0.2.1')).toBe('admitted');
    expect(limits.admit('::ffff:192.0.2.1')).toBe('admitted');
    expect(limits.admit('192.0.2.1')).toBe('address full');
    expect(limits.admit('192.0.2.2')).toBe('admitted');
    limits.release('::ffff:192.0.2.1');
    expect(limits.admit('192.0.2.1')).toBe('admitted');
  });

  test('an IPv6 network of 64 bits counts as one address', () => {
    const limits = new SessionLimits({ ...NO_LIMIT, maxSessionsPerIp: 2 });
    expect(limits.admit('2001:db8::1')).toBe('admitted');
    expect(limits.admit('2001:db8::ffff')).toBe('admitted');
    expect(limits.admit('2001:db8::2')).toBe('address full');
    expect(limits.admit('2001:db8:0:1::2')).toBe('admitted');
  });

  test('who was turned away is not counted', () => {
    const limits = new SessionLimits({ ...NO_LIMIT, maxSessions: 3, maxSessionsPerIp: 1 });
    limits.admit('192.0.2.1');
    for (let attempt = 0; attempt < 10; attempt += 1) limits.admit('192.0.2.1');
    expect(limits.admit('192.0.2.2')).toBe('admitted');
    expect(limits.admit('192.0.2.3')).toBe('admitted');
  });

  test('each account has its own logins', () => {
    const limits = new SessionLimits({ ...NO_LIMIT, maxSessionsPerUser: 1 });
    expect(limits.enter(7)).toBe('entered');
    expect(limits.enter(7)).toBe('account full');
    expect(limits.enter(8)).toBe('entered');
    limits.leave(7);
    expect(limits.enter(7)).toBe('entered');
  });

  test('0 is no limit', () => {
    const limits = new SessionLimits(NO_LIMIT);
    for (let session = 0; session < 500; session += 1) {
      expect(limits.admit('192.0.2.1')).toBe('admitted');
      expect(limits.enter(7)).toBe('entered');
    }
  });
});
