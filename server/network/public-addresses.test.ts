import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { pino } from 'pino';
import type { LookupResult } from './host-lookup.ts';
import { PublicAddresses } from './public-addresses.ts';
import type { PublicHost } from './public-host.ts';

const MINUTE_MS = 60_000;
const GENERAL: PublicHost = { network: undefined, host: 'ftp.example.org' };
const UNKNOWN: LookupResult = { reason: 'the name is unknown' };

let answer: () => Promise<LookupResult>;
let looked: string[];
let lines: { level: number; msg: string }[];
let addresses: PublicAddresses | undefined;

beforeEach(() => {
  jest.useFakeTimers();
  looked = [];
  lines = [];
});

afterEach(() => {
  addresses?.stop();
  jest.useRealTimers();
});

function open(hosts: readonly PublicHost[] = [GENERAL]): PublicAddresses {
  const log = pino({}, { write: (line: string) => void lines.push(JSON.parse(line)) });
  addresses = new PublicAddresses({
    hosts,
    log,
    look: (host) => {
      looked.push(host);
      return answer();
    },
  });
  return addresses;
}

/** Lets the timers of this span run, with the look-ups that they start. */
async function pass(ms: number): Promise<void> {
  await jest.advanceTimersByTimeAsync(ms);
}

test('a name is resolved at the start and every five minutes; a change is logged', async () => {
  answer = async () => ({ addresses: ['203.0.113.5'] });
  const opened = open();
  await opened.start();
  expect(opened.general).toMatchObject({ address: '203.0.113.5' });
  answer = async () => ({ addresses: ['203.0.113.6'] });
  await pass(5 * MINUTE_MS - 1);
  expect(opened.general).toMatchObject({ address: '203.0.113.5' });
  await pass(1);
  expect(opened.general).toMatchObject({ address: '203.0.113.6' });
  expect(lines).toEqual([
    expect.objectContaining({
      msg: 'address of public host changed',
      publicHost: 'ftp.example.org',
      before: '203.0.113.5',
      address: '203.0.113.6',
    }),
  ]);
});

test('of several addresses, one is kept, whatever their order', async () => {
  answer = async () => ({ addresses: ['203.0.113.5', '203.0.113.6'] });
  const opened = open();
  await opened.start();
  answer = async () => ({ addresses: ['203.0.113.6', '203.0.113.5'] });
  await opened.refresh();
  expect(opened.general).toMatchObject({ address: '203.0.113.5' });
  answer = async () => ({ addresses: ['203.0.113.6'] });
  await opened.refresh();
  expect(opened.general).toMatchObject({ address: '203.0.113.6' });
  expect(lines).toHaveLength(1);
});

test('a look-up on demand needs no timer', async () => {
  answer = async () => ({ addresses: ['203.0.113.5'] });
  const opened = open();
  await opened.start();
  answer = async () => ({ addresses: ['203.0.113.6'] });
  await opened.refresh();
  expect(opened.general).toMatchObject({ address: '203.0.113.6' });
});

describe('a name that does not resolve', () => {
  test('is warned of once and tried again at longer and longer intervals', async () => {
    answer = async () => UNKNOWN;
    const opened = open();
    await opened.start();
    expect(opened.general).toMatchObject({ address: undefined });
    const times: number[] = [];
    for (let second = 1; second <= 15 * 60; second += 1) {
      const before = looked.length;
      await pass(1000);
      if (looked.length > before) times.push(second);
    }
    expect(times).toEqual([5, 15, 35, 75, 155, 315, 615]);
    expect(lines).toEqual([
      expect.objectContaining({
        level: 40,
        msg: 'public host cannot be resolved; trying again',
        reason: 'the name is unknown',
      }),
    ]);
  });

  test('is used as soon as it resolves', async () => {
    answer = async () => UNKNOWN;
    const opened = open();
    await opened.start();
    answer = async () => ({ addresses: ['203.0.113.5'] });
    await pass(5000);
    expect(opened.general).toMatchObject({ address: '203.0.113.5' });
    expect(lines.at(-1)).toMatchObject({ level: 30, msg: 'public host resolved' });
    await pass(5 * MINUTE_MS - 1);
    expect(looked).toHaveLength(2);
  });

  test('keeps the address that it had', async () => {
    answer = async () => ({ addresses: ['203.0.113.5'] });
    const opened = open();
    await opened.start();
    answer = async () => UNKNOWN;
    await pass(5 * MINUTE_MS);
    expect(opened.general).toMatchObject({ address: '203.0.113.5' });
    expect(lines.at(-1)).toMatchObject({
      level: 40,
      msg: 'public host cannot be resolved; PASV advertises its last address',
      lastAddress: '203.0.113.5',
    });
  });
});

test('a name server that does not answer holds the start up for two seconds only', async () => {
  let arrive: (result: LookupResult) => void = () => {};
  answer = () =>
    new Promise((resolve) => {
      arrive = resolve;
    });
  const opened = open();
  const started = opened.start();
  await pass(2000);
  await started;
  expect(opened.general).toMatchObject({ address: undefined });
  expect(lines.at(-1)).toMatchObject({
    level: 40,
    msg: 'public host not resolved yet: the name server has not answered',
  });
  arrive({ addresses: ['203.0.113.5'] });
  await opened.refresh();
  expect(opened.general).toMatchObject({ address: '203.0.113.5' });
  expect(looked).toHaveLength(1);
});

test('addresses are not looked up again', async () => {
  answer = async () => ({ addresses: ['203.0.113.5'] });
  const opened = open([{ network: undefined, host: '203.0.113.5' }]);
  await opened.start();
  await pass(60 * MINUTE_MS);
  expect(looked).toHaveLength(1);
});

test('nothing is looked up after the stop', async () => {
  answer = async () => UNKNOWN;
  const opened = open();
  await opened.start();
  opened.stop();
  await pass(60 * MINUTE_MS);
  expect(looked).toHaveLength(1);
});
