import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { TestServer } from '../../server/testing/test-server.ts';
import { builtServer } from '../built-programs.ts';
import { thenTell } from './programs.ts';
import { RESTORED, Terminal } from './terminal.ts';

let server: TestServer;
let terminal: Terminal;

beforeAll(async () => {
  server = await TestServer.start();
  const program = [process.execPath, builtServer(), 'top', '--data', server.settings.dataDir];
  terminal = new Terminal(thenTell(program), { columns: 100, rows: 30 });
});
afterAll(async () => {
  await terminal.end();
  await server.dispose();
});

test('top shows sessions live, ends one after a question, and leaves the terminal as it was', async () => {
  await terminal.until('No sessions.');
  const anna = await server.signUp();
  const upload = await anna.openData();
  await anna.command('ALLO 10');
  await anna.command('STOR film.mkv');
  upload.write('hello');
  await terminal.until(/anna +127\.0\.0\.1 +no +STOR \/film\.mkv +█████░░░░░ {2}50%/);
  terminal.resize(60, 12);
  await terminal.until(/^anna +127\.0\.0\.1 +STOR \/film/m);
  terminal.press('up');
  terminal.type('x');
  await terminal.until('End the session of anna from 127.0.0.1? y/n');
  terminal.type('y');
  await terminal.until('No sessions.');
  expect((await anna.reply()).lines).toEqual(['421 The administrator has ended your session.']);
  terminal.resize(100, 30);
  terminal.type('q');
  await terminal.until('told');
  expect(terminal.text()).toContain('exit code 0');
  expect(terminal.text()).toMatch(/[^-]icanon/);
  expect(terminal.modes).toEqual(RESTORED);
});
