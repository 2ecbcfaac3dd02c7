import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { ClientJourney, PASSWORD } from './client-journey.ts';
import type { Terminal } from './terminal.ts';

let journey: ClientJourney;

beforeEach(async () => {
  journey = await ClientJourney.begin({ settings: { tls: 'optional' } });
});
afterEach(() => journey.end());

function paste(terminal: Terminal, text: string): void {
  terminal.type(`\x1b[200~${text}\x1b[201~`);
}

async function open(): Promise<Terminal> {
  const terminal = journey.start({ args: [] });
  await terminal.until('save in the keyring');
  return terminal;
}

test('a pasted URL, a wrong password and Enter lead to the files, and the server is known afterwards', async () => {
  const { port } = journey.server;
  const terminal = await open();
  paste(terminal, `ftp://anna:wrong@127.0.0.1:${port}/`);
  await terminal.until(new RegExp(`Server +127\\.0\\.0\\.1 .*\\s.*Port +${port}`));
  // From the field for the server, and then from the one for the password, which has the focus.
  terminal.press('enter');
  await terminal.until('Unknown server certificate');
  terminal.type('t');
  await terminal.until('530 ');
  terminal.type(`${PASSWORD}\r`);
  await terminal.until(/Connected\. +Tab other pane +F5 copy +F1 help +W save as site/);
  terminal.press('f2');
  await terminal.until(`127.0.0.1:${port}  recent, anna`);
  expect(terminal.takeWritten()).not.toContain(PASSWORD);

  // The next time it is below the sites, and not offered again.
  await journey.endTerminals();
  const again = await open();
  await again.until(`127.0.0.1:${port}  recent, anna`);
  again.press('enter');
  await again.until('Password of anna@127.0.0.1');
  again.type(`${PASSWORD}\r`);
  await again.until('(empty)');
  expect(again.text()).not.toContain('save as site');
});

test('a new account begins with the user and the password that were typed', async () => {
  const terminal = await open();
  paste(terminal, `ftp://berta@127.0.0.1:${journey.server.port}/`);
  terminal.press('tab', 'tab', 'tab', 'tab');
  terminal.type('battery staple');
  terminal.press('shift-tab', 'shift-tab', 'shift-tab', 'shift-tab', 'shift-tab', 'shift-tab');
  terminal.press('enter');
  await terminal.until(/New account on 127\.0\.0\.1[\s\S]*User +berta/);
  terminal.type('battery staple\r');
  await terminal.until('Unknown server certificate');
  terminal.type('o');
  await terminal.until('Account berta created.');
  expect(terminal.takeWritten()).not.toContain('staple');
});
