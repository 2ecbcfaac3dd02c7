import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { AuditRepository } from '../../db/audit-repository.ts';
import { migrate } from '../../db/migrate.ts';
import { type Database, openDatabase } from '../../db/open-database.ts';
import { AuditTrail, type NewAuditEvent } from './audit-trail.ts';
import { EventCounts } from './event-counts.ts';

const DAY_MS = 86_400_000;

let database: Database;
let events: AuditRepository;
let nowMs: number;
const warn = jest.fn<(facts: object, text: string) => void>();

beforeEach(async () => {
  database = openDatabase(':memory:');
  await migrate(database.queries);
  events = new AuditRepository(database.queries);
  nowMs = 100 * DAY_MS;
  warn.mockReset();
});
afterEach(() => database.close());

function open(keepMs = 90 * DAY_MS): Promise<AuditTrail> {
  return AuditTrail.open({
    events,
    counts: new EventCounts(),
    keepMs,
    now: () => nowMs,
    log: { warn } as never,
  });
}

function transfer(path: string): NewAuditEvent {
  const who = { session: 's', address: '127.0.0.1', username: 'anna' };
  const what = { kind: 'transfer', verb: 'STOR', direction: 'upload', path } as const;
  const how = { outcome: 'ok', reason: undefined, sha256: undefined } as const;
  return { atMs: nowMs, ...who, ...what, ...how, offsetBytes: 0, movedBytes: 1, durationMs: 1 };
}

const stored = (limit = 10_000) => events.list({}, { limit });

describe('AuditTrail', () => {
  test('what is noted is kept when it is closed, however much it is', async () => {
    const trail = await open();
    const ids = Array.from({ length: 777 }, (_, number) => trail.record(transfer(`/${number}`)));
    await trail.close();
    const found = await stored();
    expect(found.map(({ id }) => id).reverse()).toEqual(ids);
    expect(found[0]).toMatchObject(transfer('/776'));
  });

  test('a digest that comes late is added', async () => {
    const trail = await open();
    const id = trail.record(transfer('/a')) ?? -1;
    trail.addDigest(id, 'd'.repeat(64));
    await trail.close();
    expect(await stored()).toEqual([expect.objectContaining({ id, sha256: 'd'.repeat(64) })]);
  });

  test('numbers of a trail that was not closed are not used again', async () => {
    const crashed = await open();
    const lost = crashed.record(transfer('/lost')) ?? -1;
    const next = await open();
    expect(next.record(transfer('/next'))).toBeGreaterThan(lost);
    await next.close();
    await crashed.close();
  });

  test('a database that fails for a while loses nothing, and is told of once', async () => {
    const trail = await open();
    const save = jest.spyOn(events, 'save').mockRejectedValue(new Error('disk full'));
    trail.record(transfer('/a'));
    while (warn.mock.calls.length === 0) await new Promise(setImmediate);
    save.mockRestore();
    await trail.close();
    expect(await stored()).toHaveLength(1);
    expect(warn).toHaveBeenCalledTimes(1);
  });

  test('a database that keeps failing costs bounded memory, and what is lost is counted', async () => {
    const trail = await open();
    jest.spyOn(events, 'save').mockRejectedValue(new Error('disk full'));
    jest.spyOn(events, 'reserveNumbers').mockRejectedValue(new Error('disk full'));
    for (let count = 0; count < 15_000; count += 1) trail.record(transfer('/a'));
    await trail.close();
    expect(warn).toHaveBeenLastCalledWith({ count: 15_000 }, 'audit events were lost');
  });

  test('off writes nothing down and gives no number', async () => {
    const trail = await open(0);
    expect(trail.record(transfer('/a'))).toBeUndefined();
    await trail.close();
    expect(await stored()).toEqual([]);
  });

  test('what is older than it is kept for goes, step by step', async () => {
    const first = await open();
    for (let count = 0; count < 1200; count += 1) first.record(transfer('/old'));
    nowMs += 80 * DAY_MS;
    first.record(transfer('/new'));
    await first.close();
    nowMs += 20 * DAY_MS;
    const remove = jest.spyOn(events, 'removeBefore');
    const second = await open();
    while ((await stored()).length > 1) await new Promise(setImmediate);
    expect(await stored()).toEqual([expect.objectContaining({ path: '/new' })]);
    expect(remove).toHaveBeenCalledTimes(3);
    await second.close();
  });
});
