import { beforeEach, describe, expect, test } from '@jest/globals';
import { InviteRepository } from '../../db/invite-repository.ts';
import { migrate } from '../../db/migrate.ts';
import { type Database, openDatabase } from '../../db/open-database.ts';
import { hashInviteCode, Invites } from './invites.ts';

describe('Invites', () => {
  let database: Database;
  let invites: Invites;
  let nowMs: number;

  beforeEach(async () => {
    database = openDatabase(':memory:');
    await migrate(database.queries);
    nowMs = 1000;
    invites = new Invites({
      invites: new InviteRepository(database.queries),
      now: () => nowMs,
    });
  });

  test('a code is shown once; only its hash is kept', async () => {
    const { code, ...invite } = await invites.create({ maxUses: 3, lifetimeMs: 500 });
    expect(code).toMatch(/^([0-9A-HJKMNP-TV-Z]{5}-){3}[0-9A-HJKMNP-TV-Z]{5}$/);
    expect(await invites.list()).toEqual([
      { ...invite, createdAtMs: 1000, expiresAtMs: 1500, maxUses: 3, uses: 0 },
    ]);
    const rows = await database.queries.selectFrom('invite').selectAll().execute();
    expect(rows[0]?.code_hash).toBe(hashInviteCode(code));
    expect(JSON.stringify(rows)).not.toContain(code);
  });

  test('a code may be typed in small letters, without dashes, with O for 0', () => {
    expect(hashInviteCode('ab0c1-defgh')).toBe(hashInviteCode('ABOCLDEFGH'));
  });

  test('codes differ', async () => {
    const wish = { maxUses: 1, lifetimeMs: undefined };
    expect((await invites.create(wish)).code).not.toBe((await invites.create(wish)).code);
  });

  test('an invite is revoked once', async () => {
    const { id } = await invites.create({ maxUses: 1, lifetimeMs: undefined });
    expect(await invites.revoke(id)).toBe(true);
    expect(await invites.revoke(id)).toBe(false);
    expect(await invites.revoke(id + 1)).toBe(false);
    expect((await invites.list())[0]).toMatchObject({ revokedAtMs: 1000 });
  });
});
