import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
import { InviteRepository } from '../../db/invite-repository.ts';
import { openDatabase } from '../../db/open-database.ts';
import { Invites } from '../../server/accounts/invites.ts';
import { TestServer } from '../../server/testing/test-server.ts';
import { askForAccount } from '../../tui-client/testing/ask-for-account.ts';
import { ClientJourney, PASSWORD } from './client-journey.ts';
import type { Terminal } from './terminal.ts';

const ACCOUNT = { username: 'berta', password: 'a long password' };

const NEW_PASSWORD = 'battery staple';

let journey: ClientJourney | undefined;
let other: TestServer | undefined;

afterEach(async () => {
  await journey?.end();
  await other?.dispose();
  journey = undefined;
  other = undefined;
});

/** A directory, as the proof that somebody is logged in. */
async function makeDirectory(terminal: Terminal, name: string): Promise<void> {
  terminal.press('f7');
  await terminal.until('New directory');
  terminal.type(name);
  terminal.press('enter');
  await terminal.until(`${name}/`);
}

async function newInvite(server: TestServer): Promise<string> {
  const database = openDatabase(join(server.settings.dataDir, 'myftp.db'));
  try {
    const invites = new Invites({ invites: new InviteRepository(database.queries), now: Date.now });
    return (await invites.create({ maxUses: 1, lifetimeMs: undefined })).code;
  } finally {
    await database.close();
  }
}

test('a password is changed, and the next login takes the new one only', async () => {
  journey = await ClientJourney.begin({ settings: { tls: 'optional' } });
  const { server, url } = journey;
  const terminal = journey.start({ args: [url] });
  await terminal.until('Unknown server certificate');
  terminal.type('t');
  await terminal.until('Password of anna');
  terminal.type(`${PASSWORD}\r`);
  await terminal.until('TLS 1.3');
  terminal.type('P');
  await terminal.until('New password for anna');
  for (const text of [PASSWORD, NEW_PASSWORD, NEW_PASSWORD]) {
    terminal.type(text);
    terminal.press('tab');
  }
  terminal.press('enter');
  await terminal.until('Password changed.');
  expect(terminal.text()).not.toContain(NEW_PASSWORD);
  terminal.press('f10');
  expect(await terminal.exitCode).toBe(0);

  const next = journey.start({ args: [url] });
  await next.until('Password of anna');
  next.type(`${PASSWORD}\r`);
  await next.until('530 ');
  // The form stands on the password.
  next.type(`${NEW_PASSWORD}`);
  next.press('tab', 'tab', 'tab', 'tab', 'enter');
  await next.until('5Copy');
  await makeDirectory(next, 'with-the-new-one');
  expect(existsSync(join(server.rootDir, 'anna', 'with-the-new-one'))).toBe(true);
});

test('signing up with an invite: without one it is asked for, with it the account is there', async () => {
  journey = await ClientJourney.begin();
  other = await TestServer.start({ settings: { tls: 'optional', signup: 'invite' } });
  const invite = await newInvite(other);
  const terminal = journey.start({ args: [] });
  await askForAccount(terminal, { port: other.port, ...ACCOUNT });
  expect(terminal.text()).not.toContain('Invite');
  terminal.type('t');
  await terminal.until('Sign-up requires an invite.');
  // The form stands on the invite.
  terminal.type(invite);
  await terminal.until(invite);
  terminal.press('enter');
  await terminal.until(/Account .* created/);
  await makeDirectory(terminal, 'mine');
  expect(existsSync(join(other.rootDir, 'berta', 'mine'))).toBe(true);
});
