import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { Deadline } from './deadline.ts';

const LIMIT_MS = 30_000;

describe('a deadline', () => {
  let missed = 0;
  let deadline: Deadline;

  beforeEach(() => {
    jest.useFakeTimers();
    missed = 0;
    deadline = new Deadline(() => {
      missed += 1;
    });
  });
  afterEach(() => {
    deadline.stop();
    jest.useRealTimers();
  });

  test('is missed once when a wait takes too long', () => {
    deadline.set(LIMIT_MS);
    jest.advanceTimersByTime(LIMIT_MS - 1);
    expect(missed).toBe(0);
    jest.advanceTimersByTime(LIMIT_MS);
    expect(missed).toBe(1);
  });

  test('is not missed by waits that are over in time, however many there are', () => {
    for (let wait = 0; wait < 10; wait++) {
      deadline.set(LIMIT_MS);
      jest.advanceTimersByTime(LIMIT_MS / 2);
      deadline.clear();
    }
    jest.advanceTimersByTime(2 * LIMIT_MS);
    expect(missed).toBe(0);
    expect(jest.getTimerCount()).toBe(0);
  });

  test('counts from the wait that began last', () => {
    deadline.set(LIMIT_MS);
    jest.advanceTimersByTime(LIMIT_MS - 1);
    deadline.set(LIMIT_MS);
    jest.advanceTimersByTime(LIMIT_MS - 1);
    expect(missed).toBe(0);
    jest.advanceTimersByTime(1);
    expect(missed).toBe(1);
  });

  test('may become shorter during a wait', () => {
    deadline.set(LIMIT_MS);
    deadline.set(2000);
    jest.advanceTimersByTime(2000);
    expect(missed).toBe(1);
  });

  test('is never missed by a wait without an end', () => {
    deadline.set(LIMIT_MS);
    deadline.set(Infinity);
    jest.advanceTimersByTime(10 * LIMIT_MS);
    expect(missed).toBe(0);
  });
});
