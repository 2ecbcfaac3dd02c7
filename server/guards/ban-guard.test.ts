import { beforeEach, expect, test } from '@jest/globals';
import type { Ban } from '../../db/ban-repository.ts';
import { DatabaseBusyError } from '../../db/database-error.ts';
import { EventCounts } from '../audit/event-counts.ts';
import { silentLogs } from '../logging/logging.ts';
import { AccessLists } from './access-lists.ts';
import { Admission } from './admission.ts';
import { BanGuard } from './ban-guard.ts';
import { Bans } from './bans.ts';
import { GuardBanRows } from './guard-ban-rows.ts';
import { OffenceScores } from './offence-scores.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

let nowMs: number;
/** The table of bans. */
let table: Map<string, Ban>;
let isLocked: boolean;
let rows: GuardBanRows;
let bans: Bans;
let guard: BanGuard;
let admission: Admission;
let counts: EventCounts;
let ended: string[];
let recorded: object[];

const repository = {
  all: async () => [...table.values()],
  async saveGuardBans(saved: readonly Ban[], removed: readonly string[]) {
    if (isLocked) throw new DatabaseBusyError();
    for (const ban of saved) table.set(ban.network, ban);
    for (const network of removed) table.delete(network);
  },
};

function start(listed: Partial<ConstructorParameters<typeof AccessLists>[0]> = {}): void {
  const lists = new AccessLists({
    allowFrom: [],
    denyFrom: [],
    neverBan: ['127.0.0.0/8'],
    ...listed,
  });
  const { connections: log, server } = silentLogs();
  rows = new GuardBanRows({ repository, log: server });
  bans = new Bans({ rows, now: () => nowMs });
  admission = new Admission({ bans, lists: () => lists });
  guard = new BanGuard({
    ...{ bans, log, counts, lists: () => lists, now: () => nowMs },
    scores: new OffenceScores({ nowMs: () => nowMs }),
    settings: () => ({ banAfter: 3, banWindowMs: 30 * MINUTE_MS, banTimeMs: 10 * MINUTE_MS }),
    audit: { record: (event) => void recorded.push(event) as undefined },
    hooks: { add: () => {} },
    endStrangers: (origin) => ended.push(origin),
  });
}

beforeEach(() => {
  nowMs = Date.UTC(2026, 0, 31);
  table = new Map();
  isLocked = false;
  counts = new EventCounts();
  ended = [];
  recorded = [];
  start();
});

function fail(address: string, username = 'anna'): void {
  guard.loginFailed({ address, username, session: 's1' }, 'wrong password');
}

function failThrice(address: string): void {
  for (let time = 0; time < 3; time += 1) fail(address);
}

test('an address is banned at the points of --ban-after, and its sessions without a login end', () => {
  fail('192.0.2.1');
  fail('192.0.2.1');
  expect(admission.refusalOf('192.0.2.1')).toBeUndefined();
  fail('::ffff:192.0.2.1');
  expect(admission.refusalOf('192.0.2.1')).toBe('banned');
  expect(admission.refusalOf('::ffff:192.0.2.1')).toBe('banned');
  expect(admission.refusalOf('192.0.2.2')).toBeUndefined();
  expect(ended).toEqual(['192.0.2.1']);
  expect(counts).toMatchObject({ offences: new Map([['wrong password', 3]]) });
  expect(recorded).toEqual([
    expect.objectContaining({
      kind: 'ban',
      address: '192.0.2.1',
      session: 's1',
      reason: 'wrong password; until 2026-01-31T00:10:00.000Z',
    }),
  ]);
});

test('offences that come slowly ban as well, but not one each ten minutes', () => {
  for (let time = 0; time < 2; time += 1, nowMs += MINUTE_MS) fail('192.0.2.1');
  expect(admission.refusalOf('192.0.2.1')).toBeUndefined();
  fail('192.0.2.1');
  expect(admission.refusalOf('192.0.2.1')).toBe('banned');
  for (let time = 0; time < 100; time += 1, nowMs += 10 * MINUTE_MS) fail('192.0.2.2');
  expect(admission.refusalOf('192.0.2.2')).toBeUndefined();
});

test('a ban does not end the sessions that are logged in', () => {
  failThrice('192.0.2.1');
  expect(admission.refusalByAdmin('192.0.2.1')).toBeUndefined();
});

test('10,000 addresses of an IPv6 /64 are one origin', () => {
  for (let host = 1; host <= 10_000; host += 1) fail(`2001:db8::${host.toString(16)}`);
  expect(admission.refusalOf('2001:db8:0:0:ffff::1')).toBe('banned');
  expect(admission.refusalOf('2001:db8:0:1::1')).toBeUndefined();
  expect(ended).toEqual(['2001:db8::/64']);
});

test('correct logins of an account between wrong ones do not let guess the passwords of others', () => {
  for (let time = 0; time < 3; time += 1) {
    fail('192.0.2.1', 'bert');
    guard.forgive('192.0.2.1', 'mallory');
  }
  expect(admission.refusalOf('192.0.2.1')).toBe('banned');
});

test('a correct login forgives what was mistyped for its name', () => {
  for (let time = 0; time < 30; time += 1) {
    fail('192.0.2.1');
    fail('192.0.2.1');
    guard.forgive('192.0.2.1', 'anna');
  }
  expect(admission.refusalOf('192.0.2.1')).toBeUndefined();
});

test('each further ban is twice as long, up to seven days, and the first one after a week of peace is short', () => {
  const lengths: number[] = [];
  for (let time = 0; time < 13; time += 1) {
    failThrice('192.0.2.1');
    const { createdAtMs = 0, expiresAtMs = 0 } = bans.lastOfGuard('192.0.2.1') ?? {};
    lengths.push((expiresAtMs - createdAtMs) / MINUTE_MS);
    nowMs = expiresAtMs;
    expect(admission.refusalOf('192.0.2.1')).toBeUndefined();
  }
  expect(lengths).toEqual([
    ...[10, 20, 40, 80, 160, 320, 640, 1280, 2560, 5120],
    ...[10_080, 10_080, 10_080],
  ]);
  nowMs += 7 * DAY_MS + 1;
  failThrice('192.0.2.1');
  expect(bans.lastOfGuard('192.0.2.1')).toMatchObject({ times: 1 });
});

test('neither the loopback network nor --allow-from is banned', () => {
  start({ allowFrom: ['192.0.2.0/24'] });
  for (const address of ['127.0.0.1', '::ffff:127.0.0.1', '192.0.2.7']) failThrice(address);
  expect(admission.refusalOf('192.0.2.7')).toBeUndefined();
  expect(ended).toEqual([]);
  expect(counts.offences.get('wrong password')).toBe(9);
});

test('--deny-from beats --allow-from, and what is in neither is refused if there is --allow-from', () => {
  start({ allowFrom: ['10.0.0.0/8', '2001:db8::/32'], denyFrom: ['10.6.0.0/16'] });
  const refusals = ['10.1.0.1', '2001:db8::7', '10.6.0.1', '192.0.2.1', '::1'].map((address) =>
    admission.refusalOf(address),
  );
  expect(refusals).toEqual([undefined, undefined, 'not allowed', 'not allowed', 'not allowed']);
});

test('a ban holds while the database is locked, also when bans are read again, and is written afterwards', async () => {
  isLocked = true;
  failThrice('192.0.2.1');
  await rows.close();
  await bans.load();
  expect(admission.refusalOf('192.0.2.1')).toBe('banned');
  expect(table.size).toBe(0);
  isLocked = false;
  await rows.close();
  expect(table.get('192.0.2.1')).toMatchObject({ by: 'guard', times: 1 });
});

test('bans and their growth outlive a restart', async () => {
  failThrice('192.0.2.1');
  await rows.close();
  start();
  await bans.load();
  expect(admission.refusalOf('192.0.2.1')).toBe('banned');
  nowMs += 11 * MINUTE_MS;
  failThrice('192.0.2.1');
  expect(bans.lastOfGuard('192.0.2.1')).toMatchObject({ times: 2 });
});

test('a clock that is set back by more than a ban ends it; one that is set forward, too', () => {
  failThrice('192.0.2.1');
  const bannedAtMs = nowMs;
  nowMs = bannedAtMs - 5 * MINUTE_MS;
  expect(admission.refusalOf('192.0.2.1')).toBe('banned');
  nowMs = bannedAtMs - 365 * DAY_MS;
  expect(admission.refusalOf('192.0.2.1')).toBeUndefined();
  nowMs = bannedAtMs + 365 * DAY_MS;
  expect(admission.refusalOf('192.0.2.1')).toBeUndefined();
});

test('the table of bans has a bound', async () => {
  for (let net = 0; net < 21_000; net += 1) failThrice(`2001:db8:0:${net.toString(16)}::1`);
  await rows.close();
  expect(table.size).toBe(20_000);
  expect(table.has('2001:db8::/64')).toBe(false);
});
