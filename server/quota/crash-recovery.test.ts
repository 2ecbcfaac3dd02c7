import { setImmediate as otherWork } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import type { AccountInDoubt } from '../../db/member-repository.ts';
import { silentLogs } from '../logging/logging.ts';
import { RecountFailedError } from './account-recount.ts';
import { CrashRecovery } from './crash-recovery.ts';

const USAGE = { bytes: 5, entries: 1 };
const MEASURED = {
  before: USAGE,
  after: USAGE,
  home: { sizeBytes: 5, entries: 1, unread: { count: 0, named: [] } },
};

describe('CrashRecovery', () => {
  let inDoubt: number[];
  let recovery: CrashRecovery;
  let measured: number[];
  let settledLooks: number;
  /** Ends the measurement that runs. */
  let end: (outcome?: Error) => void;

  beforeEach(async () => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate'] });
    inDoubt = [1, 2, 3];
    measured = [];
    settledLooks = 0;
    recovery = new CrashRecovery({
      members: {
        accountsOfDead: async () => inDoubt.map(accountWith),
        async removeSettledDead() {
          settledLooks += 1;
        },
      },
      recounts: { recordRecount: async () => {} },
      recount: {
        run: ({ id }, { signal }) =>
          new Promise((resolve, reject) => {
            measured.push(id);
            signal.addEventListener('abort', () => reject(signal.reason));
            end = (failure) => (failure === undefined ? resolve(MEASURED) : reject(failure));
          }),
      },
      log: silentLogs().server,
      now: () => 7,
    });
    await recovery.load();
  });
  afterEach(async () => {
    await recovery.stop();
    jest.useRealTimers();
  });

  const accountWith = (id: number): AccountInDoubt => ({
    ...{ id, username: `user${id}`, home: `user${id}`, hasCountedEntries: 1 },
    mayBeUndercharged: id === 2 ? 1 : 0,
  });

  async function endRun(outcome?: Error): Promise<void> {
    end(outcome);
    for (let turn = 0; turn < 5; turn += 1) await otherWork();
  }

  test('measures one account after another, then lets the dead members go', async () => {
    recovery.start();
    await otherWork();
    expect([measured, settledLooks]).toEqual([[1], 0]);
    for (let run = 0; run < 3; run += 1) await endRun();
    expect([measured, settledLooks]).toEqual([[1, 2, 3], 1]);
    expect(recovery.measured(1)).toBeUndefined();
  });

  test('takes one that a client waits for first', async () => {
    recovery.start();
    await otherWork();
    const isMeasured = jest.fn();
    void recovery.measured(3)?.then(isMeasured);
    await endRun();
    expect([measured, isMeasured.mock.calls.length]).toEqual([[1, 3], 0]);
    await endRun();
    expect([measured, isMeasured.mock.calls.length]).toEqual([[1, 3, 2], 1]);
  });

  test('an account that is not in doubt is not waited for', () => {
    expect(recovery.measured(9)).toBeUndefined();
    expect(recovery.chargeKnown(9)).toBeUndefined();
  });

  test('only an account that may be charged for too little takes nothing before', async () => {
    expect(recovery.chargeKnown(1)).toBeUndefined();
    const isKnown = jest.fn();
    void recovery.chargeKnown(2)?.then(isKnown);
    recovery.start();
    await otherWork();
    expect([measured, isKnown.mock.calls.length]).toEqual([[2], 0]);
    await endRun();
    expect(isKnown).toHaveBeenCalled();
  });

  test('goes on past one that fails, lets its clients go on, and tries it again later', async () => {
    recovery.start();
    await otherWork();
    const waiting = recovery.measured(1);
    await endRun(new RecountFailedError('changes too fast'));
    await waiting;
    await endRun();
    await endRun();
    inDoubt = [1];
    await jest.advanceTimersByTimeAsync(60_000);
    for (let turn = 0; turn < 5; turn += 1) await otherWork();
    expect(measured).toEqual([1, 2, 3, 1]);
    await endRun();
    await jest.advanceTimersByTimeAsync(120_000);
    expect([measured.length, settledLooks]).toEqual([4, 2]);
  });

  test('a stop ends the measurement, and everything that waits for one', async () => {
    recovery.start();
    await otherWork();
    const waiting = [recovery.measured(1), recovery.measured(2)];
    await recovery.stop();
    for (const one of waiting) await one;
    expect([measured, settledLooks]).toEqual([[1], 0]);
  });
});
