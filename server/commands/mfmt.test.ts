import { lstatSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parseMachineTime } from '../listing/machine-time.ts';
import type { ControlClient } from '../testing/control-client.ts';
import { TestServer } from '../testing/test-server.ts';

/** All commands that set a modification time. */
const FORMS = [
  (time: string) => `MFMT ${time} f`,
  (time: string) => `MDTM ${time} f`,
  (time: string) => `SITE UTIME ${time} f`,
  (time: string) => `SITE UTIME ${time.slice(0, 12)} f`,
  (time: string) => `SITE UTIME f 20200101000000 ${time} 20200101000000 UTC`,
];

const TIMES = [
  '00010101000000',
  '16010101000000',
  '19550601120000',
  '19691231235900',
  '19700101000000',
  '20380119031500',
  '21060207062900',
  '99991231235900',
];

const BEFORE = '20010909014640';

describe('a modification time', () => {
  let server: TestServer;
  let client: ControlClient;

  beforeAll(async () => {
    server = await TestServer.start();
    client = await server.signUp();
    await client.store('STOR f', 'hello');
  });
  afterAll(() => server.dispose());

  const shownTime = async () => (await client.command('MDTM f')).lines[0];

  describe.each(TIMES)('%s', (time) => {
    test.each(FORMS.map((form) => form(time)))('%s stores it or refuses it', async (line) => {
      expect((await client.command(`MFMT ${BEFORE} f`)).code).toBe(213);
      const { code, lines } = await client.command(line);
      if (canBeStored(server.directory, time)) {
        expect(code).toBeLessThan(300);
        expect(await shownTime()).toBe(`213 ${time}`);
        expect((await client.command('MLST f')).lines[1]).toContain(`modify=${time};`);
      } else {
        expect(lines).toEqual([`504 The file system of the server cannot store the time ${time}.`]);
        expect(await shownTime()).toBe(`213 ${BEFORE}`);
      }
    });
  });

  test('of a directory is set in the same way', async () => {
    await client.command('MKD d');
    expect((await client.command('MFMT 19550601120000 d')).code).toBe(213);
    expect((await client.command('MDTM d')).lines).toEqual(['213 19550601120000']);
  });
});

/** Asks the file system itself. */
function canBeStored(directory: string, time: string): boolean {
  const probe = join(directory, 'probe');
  const modifiedMs = parseMachineTime(time) ?? Number.NaN;
  writeFileSync(probe, '');
  utimesSync(probe, new Date(modifiedMs), new Date(modifiedMs));
  return lstatSync(probe).mtimeMs === modifiedMs;
}
