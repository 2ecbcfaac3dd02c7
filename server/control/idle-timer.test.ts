import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { IdleTimer } from './idle-timer.ts';

describe('IdleTimer', () => {
  let expired: string[];
  let isAtWork: boolean;
  let timer: IdleTimer;

  beforeEach(() => {
    jest.useFakeTimers();
    expired = [];
    isAtWork = false;
    timer = new IdleTimer({
      now: Date.now,
      loginTimeoutMs: 60_000,
      idleTimeoutMs: 300_000,
      isAtWork: () => isAtWork,
      onExpired: (text) => expired.push(text),
    });
  });
  afterEach(() => {
    timer.stop();
    jest.useRealTimers();
  });

  test('who has not logged in after a minute is told so, once', () => {
    jest.advanceTimersByTime(59_999);
    expect(expired).toEqual([]);
    jest.advanceTimersByTime(600_000);
    expect(expired).toEqual(['Login timeout; closing control connection.']);
  });

  test('sending commands does not prolong the time to log in', () => {
    for (let second = 0; second < 60; second += 1) {
      timer.touch();
      jest.advanceTimersByTime(1000);
    }
    expect(expired).toHaveLength(1);
  });

  test('who is logged in may be idle for the time of idleness', () => {
    jest.advanceTimersByTime(30_000);
    timer.loggedIn('in');
    jest.advanceTimersByTime(299_999);
    expect(expired).toEqual([]);
    jest.advanceTimersByTime(20);
    expect(expired).toEqual(['Idle timeout; closing control connection.']);
  });

  test('a clock that is set back prolongs nothing by more than the time of idleness', () => {
    timer.loggedIn('in');
    jest.advanceTimersByTime(30_000);
    timer.touch();
    jest.setSystemTime(Date.now() - 86_400_000);
    jest.advanceTimersByTime(600_020);
    expect(expired).toEqual(['Idle timeout; closing control connection.']);
  });

  test('whatever happens begins the time anew', () => {
    timer.loggedIn('in');
    for (let minute = 0; minute < 60; minute += 1) {
      jest.advanceTimersByTime(60_000);
      timer.touch();
    }
    expect(expired).toEqual([]);
    jest.advanceTimersByTime(300_020);
    expect(expired).toHaveLength(1);
  });

  test('a command at work is not idleness', () => {
    timer.loggedIn('in');
    isAtWork = true;
    jest.advanceTimersByTime(3_600_000);
    expect(expired).toEqual([]);
    isAtWork = false;
    jest.advanceTimersByTime(600_020);
    expect(expired).toHaveLength(1);
  });

  test('logging out brings the time to log in back', () => {
    timer.loggedIn('in');
    jest.advanceTimersByTime(120_000);
    timer.touch();
    timer.loggedIn('out');
    jest.advanceTimersByTime(20);
    expect(expired).toEqual(['Login timeout; closing control connection.']);
  });

  test('a stopped timer tells nothing', () => {
    timer.stop();
    jest.advanceTimersByTime(3_600_000);
    expect(expired).toEqual([]);
  });
});
