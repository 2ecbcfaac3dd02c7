import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { stagedBytes } from '../../server/testing/bytes-on-disk.ts';
import { untilMeasured } from '../../server/testing/until-measured.ts';
import { digestOf, octets } from '../clients/samples.ts';
import { ServerProcess, until } from './server-process.ts';

const PASSWORD = 'correct horse';
const SIZE_BYTES = 3_000_000;
const SENT_BYTES = 2_500_000;

describe('a server that is killed while a file is uploaded', () => {
  let server: ServerProcess;

  beforeEach(async () => {
    server = await ServerProcess.start(await ServerProcess.makeDirectory());
  });
  afterEach(() => server.dispose());

  test('shows what has come in the directory as it was renamed meanwhile', async () => {
    const client = await server.signUp('anna', PASSWORD);
    const content = octets(SIZE_BYTES);
    await client.command('MKD before');
    const data = await client.openData();
    await client.command('STOR before/a.bin');
    data.write(content.subarray(0, SENT_BYTES));
    // Not what STAT tells: that is what has come, not yet what is written.
    const rootDir = join(server.directory, 'files');
    await until(async () => (await stagedBytes(rootDir)) === SENT_BYTES);
    const other = await server.login('anna', PASSWORD);
    await other.command('RNFR before');
    expect((await other.command('RNTO after')).code).toBe(250);
    await server.end('SIGKILL');

    server = await ServerProcess.start(server.directory);
    const again = await server.login('anna', PASSWORD);
    const { lines } = await again.command('SITE PARTIALS');
    expect(lines[1]).toMatch(/^ size=2500000;.*;X\.shown=1;X\.id=\S+; \/after\/a\.bin$/);
    const { closing } = await again.store('APPE after/a.bin', content.subarray(SENT_BYTES));
    expect(closing.code).toBe(226);
    const published = await readFile(server.home('anna', 'after/a.bin'));
    expect(digestOf(published)).toBe(digestOf(content));
    await untilMeasured(server.directory);
    expect((await again.command('SITE QUOTA')).lines[0]).toMatch(/^200 3000000 of /);
  });
});
